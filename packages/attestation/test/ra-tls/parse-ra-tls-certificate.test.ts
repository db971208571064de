import { isTeeError } from '@neo-service-layer/tee-interface';
import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extension, octets, oid, sequence } from '../../src/der/der-writer.ts';
import { parseRaTlsCertificate } from '../../src/ra-tls/index.ts';
import { toPem } from '../../src/ra-tls/pem.ts';
import { flipBit } from '../helpers/vectors.ts';
import { anyCertificate, anyKey, claimsFor, diceExtension, openEnclaveReport, quoteFor, tagged } from './support.ts';

const key = anyKey('P-256');
const claims = claimsFor(key.spki);
const quote = await quoteFor(new Uint8Array(64));
const dice = await diceExtension(key.spki);

const legacy = '1.2.840.113741.1337.6';
const intelSdk = '1.2.840.113741.1.13.1';
const openEnclave = '1.3.6.1.4.1.311.105.1';
const openEnclaveOld = '1.2.840.113556.10.1.1';

const certificate = (...extensions: Uint8Array[]) => anyCertificate({ key, extensions });
const parse = (...extensions: Uint8Array[]) => parseRaTlsCertificate(certificate(...extensions));
const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;

describe('parsing an RA-TLS certificate', () => {
  it('takes DER, PEM as bytes and PEM as text for the same', () => {
    const der = certificate(dice);
    const text = toPem('CERTIFICATE', der);
    for (const input of [der, new TextEncoder().encode(text), text]) {
      expect(parseRaTlsCertificate(input).certificate.der).toEqual(der);
    }
  });

  it('refuses several certificates, none, and something endless', async () => {
    const text = toPem('CERTIFICATE', certificate(dice));
    for (const input of [text + text, '', 'x', new Uint8Array(), Uint8Array.of(0xff, 0xfe), 'ab'.repeat(99_999)]) {
      expect(await codeOf(() => parseRaTlsCertificate(input))).toBe('ERR_CERT_FORMAT');
    }
  });

  it('finds each form under each of its OIDs', () => {
    const report = openEnclaveReport(quote);
    expect(parse(dice).evidence).toMatchObject({ form: 'dice', claimsBytes: claims });
    for (const id of [legacy, '0.6.9.42.840.113741.1337.6']) {
      expect(parse(extension(id, false, quote)).evidence).toMatchObject({ form: 'legacy-quote', quote, claims: null });
    }
    for (const id of [openEnclave, openEnclaveOld]) {
      expect(parse(extension(id, false, report)).evidence).toMatchObject({ form: 'open-enclave-report', quote });
      expect(parse(extension(id, false, quote)).evidence).toMatchObject({ form: 'open-enclave-quote', quote });
    }
  });

  it('prefers DICE wherever it stands, and names what it did not look at', () => {
    const others = [extension(intelSdk, false, quote), extension(legacy, false, quote)];
    const parsed = parse(...others, dice);
    expect(parsed.evidence.form).toBe('dice');
    expect(parsed.evidenceOid).toBe('2.23.133.5.4.9');
    expect(parsed.ignoredOids).toEqual([legacy, intelSdk]);
  });

  it('never falls back to another form when the DICE one is unusable', async () => {
    const good = extension(legacy, false, quote);
    const broken = extension('2.23.133.5.4.9', false, tagged(60_000, encodeCanonical([quote])));
    expect(await codeOf(() => parse(good, broken))).toBe('ERR_RATLS_FORMAT');
    const report = extension('2.23.133.5.4.9', false, tagged(60_001, encodeCanonical([quote, claims])));
    expect(await codeOf(() => parse(good, report))).toBe('ERR_RATLS_UNSUPPORTED');
  });

  it.each([60_001, 60_002, 60_003])('refuses evidence with tag %i by name', async (tag) => {
    const evidence = extension('2.23.133.5.4.9', false, tagged(tag, encodeCanonical([quote, claims])));
    const error = await thrownBy(() => parse(evidence));
    expect(error.code).toBe('ERR_RATLS_UNSUPPORTED');
    expect(JSON.stringify(error)).toContain(String(tag));
  });

  it('says so when a known form is not supported', async () => {
    for (const id of ['1.2.840.113556.10.1.2', '1.3.6.1.4.1.311.105.2', intelSdk]) {
      expect(await codeOf(() => parse(extension(id, false, quote)))).toBe('ERR_RATLS_UNSUPPORTED');
    }
    const local = extension(openEnclave, false, openEnclaveReport(quote, { type: 1 }));
    expect(await codeOf(() => parse(local))).toBe('ERR_RATLS_UNSUPPORTED');
    const future = extension(openEnclave, false, openEnclaveReport(quote, { version: 2 }));
    expect(await codeOf(() => parse(future))).toBe('ERR_RATLS_UNSUPPORTED');
  });

  it('refuses an Open Enclave header that does not fit its report', async () => {
    for (const size of [quote.length - 1, quote.length + 1, 0, 2 ** 32 - 1]) {
      const report = extension(openEnclave, false, openEnclaveReport(quote, { size }));
      expect(await codeOf(() => parse(report))).toBe('ERR_RATLS_FORMAT');
    }
    expect(await codeOf(() => parse(extension(openEnclave, false, Uint8Array.of(1, 0, 0))))).toBe('ERR_RATLS_FORMAT');
  });

  it('sees no evidence in an ordinary certificate, nor in a PCK certificate', async () => {
    expect(await codeOf(() => parse())).toBe('ERR_RATLS_NO_EVIDENCE');
    const pck = extension(intelSdk, false, sequence(sequence(oid(`${intelSdk}.1`), octets(new Uint8Array(16)))));
    expect(await codeOf(() => parse(pck))).toBe('ERR_RATLS_NO_EVIDENCE');
  });

  it('looks for extensions, not for bytes that look like one', async () => {
    const hidden = extension('1.2.3.4', false, dice);
    expect(await codeOf(() => parse(hidden))).toBe('ERR_RATLS_NO_EVIDENCE');
  });

  it('refuses a certificate with the same extension twice', async () => {
    expect(await codeOf(() => parse(dice, dice))).toBe('ERR_CERT_FORMAT');
  });

  it('reads a P-384 signature by the SHA-256 algorithm without its NULL', () => {
    const large = anyKey('P-384');
    const bytes = anyCertificate({ key: large, extensions: [dice] });
    expect(parseRaTlsCertificate(bytes).certificate).toMatchObject({ publicKey: null, signature: null });
  });

  it('gives typed errors only, cut off, changed, or for anything at all', () => {
    const der = certificate(dice);
    const attempt = (bytes: Uint8Array) => {
      try {
        parseRaTlsCertificate(bytes);
      } catch (error) {
        expect(isTeeError(error), String(error)).toBe(true);
      }
    };
    for (let length = 0; length < der.length; length += 7) attempt(der.subarray(0, length));
    for (let place = 0; place < der.length; place += 3) attempt(flipBit(der, place, place % 8));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), attempt));
    const anyExtension = fc.constantFrom('2.23.133.5.4.9', legacy, openEnclave, intelSdk);
    fc.assert(
      fc.property(anyExtension, fc.uint8Array({ maxLength: 60 }), (id, value) =>
        attempt(anyCertificate({ key, extensions: [extension(id, false, value)] })),
      ),
    );
  });
});
