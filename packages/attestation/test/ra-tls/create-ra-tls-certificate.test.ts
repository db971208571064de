import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crypto } from '#crypto';
import { type CreateRaTlsOptions, parseRaTlsCertificate, verifyRaTlsCertificate } from '../../src/ra-tls/index.ts';
import { testNow } from '../helpers/test-pki.ts';
import { good, quoteFor, testIdentity, validity } from './support.ts';

const keys = await crypto.generateP256KeyPair();
const codeOf = async (options: Partial<CreateRaTlsOptions>) => (await thrownBy(() => testIdentity(options))).code;

describe('making an RA-TLS certificate', () => {
  it('gives one that verifies, with a new key each time', async () => {
    const [first, second] = [await testIdentity(), await testIdentity()];
    const [a, b] = await Promise.all([first, second].map((one) => verifyRaTlsCertificate(one.certificateDer, good)));
    expect([a?.ok, b?.ok]).toEqual([true, true]);
    expect(a?.raTls?.spki).not.toEqual(b?.raTls?.spki);
    expect(first.privateKeyPem).not.toBe(second.privateKeyPem);
  });

  it('gives DER and PEM of the same, which OpenSSL reads too', async () => {
    const identity = await testIdentity({ subject: 'enclave 7 ü' });
    const openssl = new X509Certificate(identity.certificatePem);
    expect(openssl.raw).toEqual(Buffer.from(identity.certificateDer));
    expect(openssl.subject).toBe('CN=enclave 7 ü');
    expect(openssl.verify(openssl.publicKey)).toBe(true);
    expect(openssl.checkPrivateKey(createPrivateKey(identity.privateKeyPem))).toBe(true);
    expect(openssl.keyUsage).toBeUndefined();
    expect(openssl.ca).toBe(false);
    const { notBefore, notAfter } = parseRaTlsCertificate(identity.certificateDer).certificate;
    expect({ notBefore, notAfter }).toEqual(validity);
    expect(Date.parse(openssl.validTo) / 1000).toBe(validity.notAfter);
  });

  it('commits to nonce and claims of the caller', async () => {
    const { certificateDer } = await testIdentity({ nonce: Uint8Array.of(9), claims: { role: 'worker', shard: 3 } });
    const { raTls } = await verifyRaTlsCertificate(certificateDer, good);
    expect(raTls?.nonce).toEqual(Uint8Array.of(9));
    expect([...(raTls?.custom ?? [])]).toEqual([
      ['role', encodeCanonical('worker')],
      ['shard', encodeCanonical(3)],
    ]);
  });

  it('is deterministic but for key and signature', async () => {
    const quote: { value: Uint8Array } = { value: new Uint8Array() };
    const once = async (data: Uint8Array) => {
      if (quote.value.length === 0) quote.value = await quoteFor(data);
      return quote.value;
    };
    const [a, b] = [await testIdentity({ keys, quoteFor: once }), await testIdentity({ keys, quoteFor: once })];
    const [one, two] = [a, b].map(({ certificateDer }) => parseRaTlsCertificate(certificateDer).certificate);
    expect(one?.tbs).toEqual(two?.tbs);
    expect(a.privateKeyDer).toEqual(keys.pkcs8);
  });

  it('asks for a quote over 64 bytes, and takes no other quote for it', async () => {
    const asked: number[] = [];
    await testIdentity({
      quoteFor: (data) => {
        asked.push(data.length);
        return quoteFor(data);
      },
    });
    expect(asked).toEqual([64]);
    expect(await codeOf({ quoteFor: () => quoteFor(new Uint8Array(64)) })).toBe('ERR_RATLS_BINDING');
    expect(await codeOf({ quoteFor: async () => Uint8Array.of(3) })).toBe('ERR_QUOTE_FORMAT');
    const greedy = async (data: Uint8Array) => {
      data.fill(0);
      return quoteFor(data);
    };
    expect(await codeOf({ quoteFor: greedy })).toBe('ERR_RATLS_BINDING');
  });

  it('writes dates of any century, and refuses spans that are none', async () => {
    for (const year of [1951, 2049, 2050, 9998]) {
      const dates = { notBefore: Date.UTC(1950, 0, 1) / 1000, notAfter: Date.UTC(year, 5, 1) / 1000 };
      const { certificateDer } = await testIdentity({ validity: dates });
      expect(parseRaTlsCertificate(certificateDer).certificate).toMatchObject(dates);
    }
    const wrong = [
      { notBefore: testNow, notAfter: testNow - 1 },
      { notBefore: testNow, notAfter: Number.POSITIVE_INFINITY },
      { notBefore: Number.NaN, notAfter: testNow },
      { notBefore: testNow + 0.5, notAfter: testNow + 9 },
      { notBefore: -1e12, notAfter: testNow },
    ];
    for (const span of wrong) expect(await codeOf({ validity: span })).toBe('ERR_INVALID_ARGUMENT');
  });

  it('refuses claims with reserved names, halves of two key pairs, and what gets too long', async () => {
    expect(await codeOf({ claims: { nonce: 'mine' } })).toBe('ERR_INVALID_ARGUMENT');
    expect(await codeOf({ claims: { 'pubkey-hash': 'mine' } })).toBe('ERR_INVALID_ARGUMENT');
    const { pkcs8 } = await crypto.generateP256KeyPair();
    expect(await codeOf({ keys: { spki: keys.spki, pkcs8 } })).toBe('ERR_INVALID_ARGUMENT');
    expect(await codeOf({ claims: { much: new Uint8Array(70_000) } })).toBe('ERR_CERT_FORMAT');
  });

  it('always gives what the parser reads back', async () => {
    const texts = fc.string({ maxLength: 60, unit: 'binary' });
    await fc.assert(
      fc.asyncProperty(texts, fc.uint8Array({ maxLength: 64 }), async (subject, nonce) => {
        const { certificateDer } = await testIdentity({ subject, nonce, keys });
        const { certificate, evidence } = parseRaTlsCertificate(certificateDer);
        expect(certificate.subjectName).toBe(new TextDecoder().decode(new TextEncoder().encode(subject)));
        expect(evidence.claims?.nonce).toEqual(nonce);
        expect(createPublicKey({ key: Buffer.from(certificate.spki), format: 'der', type: 'spki' }).type).toBe(
          'public',
        );
      }),
      { numRuns: 20 },
    );
  });
});
