import { TeeError } from '@neo-service-layer/tee-interface';
import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { bits, extension } from '../../src/der/der-writer.ts';
import { prepareCollateral } from '../../src/index.ts';
import {
  parseRaTlsCertificate,
  type RaTlsVerdict,
  raTlsForms,
  type VerifyRaTlsOptions,
  verifyRaTlsCertificate,
} from '../../src/ra-tls/index.ts';
import { testEvidence, testNow } from '../helpers/test-pki.ts';
import { reportBody } from '../helpers/test-quote.ts';
import { flipBit } from '../helpers/vectors.ts';
import {
  type AnyCertificate,
  anyCertificate,
  anyKey,
  claimsFor,
  diceExtension,
  good,
  openEnclaveReport,
  quoteFor,
  reportDataOf,
  tagged,
  testIdentity,
} from './support.ts';

const keys = { p256: anyKey('P-256'), p384: anyKey('P-384'), rsa: anyKey('RSA-2048'), other: anyKey('P-256') };
const key = keys.p256;
const everyForm = { ...good, acceptedForms: raTlsForms };

const verify = (bytes: Uint8Array, options: VerifyRaTlsOptions = good) => verifyRaTlsCertificate(bytes, options);
const failures = ({ checks }: RaTlsVerdict) =>
  checks.filter(({ ok }) => !ok).map(({ name, code }) => `${name} ${code}`);

async function diceCertificate(fields: Partial<AnyCertificate> = {}, claims?: Uint8Array): Promise<Uint8Array> {
  const own = fields.key ?? key;
  return anyCertificate({ key: own, extensions: [await diceExtension(own.spki, claims)], ...fields });
}

async function legacyCertificate(id: string, committed: Uint8Array | string, wrap = (quote: Uint8Array) => quote) {
  const quote = await quoteFor(reportDataOf(committed));
  return anyCertificate({ key, extensions: [extension(id, false, wrap(quote))] });
}

describe('verifying an RA-TLS certificate', () => {
  it('accepts a bound, genuine one, and says by which form', async () => {
    const verdict = await verify(await diceCertificate());
    expect(failures(verdict)).toEqual([]);
    expect(verdict).toMatchObject({ ok: true, status: 'UpToDate', mode: 'custom-root', error: null });
    expect(verdict.raTls).toMatchObject({ form: 'dice', spki: key.spki, nonce: null });
    expect(verdict.checks.map(({ name }) => name).slice(0, 8)).toEqual([
      'ratls.format',
      'ratls.form',
      'ratls.extensions',
      'ratls.time',
      'ratls.signature',
      'ratls.binding',
      'ratls.collateral',
      'quote.format',
    ]);
  });

  it.each([
    ['P-256', 'ecdsa-sha256', keys.p256],
    ['P-256', 'ecdsa-sha256-null', keys.p256],
    ['P-256', 'ecdsa-sha512', keys.p256],
    ['P-384', 'ecdsa-sha256', keys.p384],
    ['P-384', 'ecdsa-sha384', keys.p384],
    ['RSA', 'rsa-sha256', keys.rsa],
    ['RSA', 'rsa-sha384', keys.rsa],
    ['RSA', 'rsa-sha512', keys.rsa],
  ] as const)('accepts a key of kind %s that signs with %s, and no other signature', async (_, algorithm, own) => {
    const certificate = await diceCertificate({ key: own, algorithm });
    expect((await verify(certificate)).ok).toBe(true);
    const broken = flipBit(certificate, certificate.length - 5);
    expect(failures(await verify(broken))).toEqual(['ratls.signature ERR_RATLS_SIGNATURE']);
    const signer = anyKey(own === keys.rsa ? 'RSA-2048' : own === keys.p384 ? 'P-384' : 'P-256');
    const foreign = await diceCertificate({ key: own, algorithm, signer });
    expect(failures(await verify(foreign))).toEqual(['ratls.signature ERR_RATLS_SIGNATURE']);
  });

  it.each([
    ['P-521', anyKey('P-521'), 'ecdsa-sha512'],
    ['RSA of 1024 bits', anyKey('RSA-1024'), 'rsa-sha256'],
    ['SHA-1 with RSA', keys.rsa, 'rsa-sha1'],
    ['SHA-1 with ECDSA', keys.p256, 'ecdsa-sha1'],
  ] as const)('refuses %s', async (_, own, algorithm) => {
    const verdict = await verify(await diceCertificate({ key: own, algorithm }));
    expect(failures(verdict)).toEqual(['ratls.signature ERR_RATLS_KEY']);
  });

  it.each(['sha256', 'sha384', 'sha512'] as const)('takes a key hash by %s', async (hash) => {
    expect((await verify(await diceCertificate({}, claimsFor(key.spki, hash)))).ok).toBe(true);
    const foreign = await diceCertificate({}, claimsFor(keys.other.spki, hash));
    expect(failures(await verify(foreign))).toEqual(['ratls.binding ERR_RATLS_BINDING']);
  });
});

describe('the older forms', () => {
  it.each([
    ['1.2.840.113741.1337.6', 'legacy-quote', key.spki, undefined],
    ['0.6.9.42.840.113741.1337.6', 'legacy-quote', key.spki, undefined],
    ['1.2.840.113556.10.1.1', 'open-enclave-report', `${key.spkiPem}\0`, openEnclaveReport],
    ['1.3.6.1.4.1.311.105.1', 'open-enclave-report', `${key.spkiPem}\0`, openEnclaveReport],
    ['1.3.6.1.4.1.311.105.1', 'open-enclave-report', key.spki, openEnclaveReport],
    ['1.2.840.113556.10.1.1', 'open-enclave-quote', key.spki, undefined],
  ] as const)('%s is verified as %s when it is accepted, and only then', async (id, form, committed, wrap) => {
    const certificate = await legacyCertificate(id, committed, wrap);
    const verdict = await verify(certificate, everyForm);
    expect(failures(verdict)).toEqual([]);
    expect(verdict.raTls).toMatchObject({ form, nonce: null });
    expect(failures(await verify(certificate))).toEqual(['ratls.form ERR_RATLS_FORM']);
  });

  it('are refused with the key of someone else, or with the PEM key where the DER one belongs', async () => {
    for (const committed of [keys.other.spki, `${key.spkiPem}\0`, key.spkiPem]) {
      const certificate = await legacyCertificate('1.2.840.113741.1337.6', committed);
      expect(failures(await verify(certificate, everyForm))).toEqual(['ratls.binding ERR_RATLS_BINDING']);
    }
  });

  it('carry no nonce', async () => {
    const certificate = await legacyCertificate('1.2.840.113741.1337.6', key.spki);
    const verdict = await verify(certificate, { ...everyForm, nonce: new Uint8Array(8) });
    expect(failures(verdict)).toEqual(['ratls.nonce ERR_RATLS_NONCE']);
  });
});

describe('an attacker', () => {
  it('cannot put a genuine quote beside claims about a key of their own', async () => {
    const quote = await quoteFor(reportDataOf(claimsFor(key.spki)));
    const own = keys.other;
    const forged = extension('2.23.133.5.4.9', false, tagged(60_000, encodeCanonical([quote, claimsFor(own.spki)])));
    const verdict = await verify(anyCertificate({ key: own, extensions: [forged] }));
    expect(failures(verdict)).toEqual(['ratls.binding ERR_RATLS_BINDING']);
    expect(verdict).toMatchObject({ ok: false, status: null, claims: null, raTls: null });
  });

  it('cannot put a whole genuine extension into a certificate of their own', async () => {
    const stolen = await diceExtension(key.spki);
    const verdict = await verify(anyCertificate({ key: keys.other, extensions: [stolen] }));
    expect(failures(verdict)).toEqual(['ratls.binding ERR_RATLS_BINDING']);
  });

  it('cannot use a quote whose second half of report data is taken', async () => {
    const claims = claimsFor(key.spki);
    const reportData = reportDataOf(claims);
    reportData[63] = 1;
    const evidence = tagged(60_000, encodeCanonical([await quoteFor(reportData), claims]));
    const verdict = await verify(anyCertificate({ key, extensions: [extension('2.23.133.5.4.9', false, evidence)] }));
    expect(failures(verdict)).toEqual(['ratls.binding ERR_RATLS_BINDING']);
  });

  it('cannot make up a quote', async () => {
    const claims = claimsFor(key.spki);
    const quote = flipBit(await quoteFor(reportDataOf(claims)), 48 + 64);
    const evidence = tagged(60_000, encodeCanonical([quote, claims]));
    const verdict = await verify(anyCertificate({ key, extensions: [extension('2.23.133.5.4.9', false, evidence)] }));
    expect(verdict).toMatchObject({ ok: false, raTls: null, error: { code: 'ERR_QUOTE_SIGNATURE' } });
  });

  it('gains nothing by any flipped bit of a certificate', async () => {
    const certificate = await diceCertificate();
    const prepared = await prepareCollateral(good.collateral, { trustAnchors: good.trustAnchors });
    const options = { policy: good.policy, now: good.now, acceptedForms: raTlsForms, collateral: prepared };
    expect((await verify(certificate, options)).ok).toBe(true);
    for (let place = 0; place < certificate.length; place += 1) {
      const verdict = await verify(flipBit(certificate, place, place % 8), options);
      expect(verdict.ok, `byte ${place}`).toBe(false);
      expect(verdict.raTls).toBeNull();
    }
  });
});

describe('the policy', () => {
  it('is what the enclave is judged by', async () => {
    const verdict = await verify(await diceCertificate(), { ...good, policy: { mrEnclave: ['11'.repeat(32)] } });
    expect(verdict).toMatchObject({ ok: false, error: { code: 'ERR_MRENCLAVE_MISMATCH' } });
  });

  it('is needed, as are a clock and roots that are some', async () => {
    const certificate = await diceCertificate();
    const misuse: [Partial<VerifyRaTlsOptions>, string][] = [
      [{ policy: {} }, 'ERR_POLICY_EMPTY'],
      [{ now: Number.NaN }, 'ERR_CLOCK'],
      [{ trustAnchors: [] }, 'ERR_TRUST_ANCHOR'],
    ];
    for (const [wrong, code] of misuse) {
      expect((await thrownBy(() => verify(certificate, { ...good, ...wrong }))).code).toBe(code);
    }
  });

  it('of a nonce is met by exactly that nonce', async () => {
    const nonce = Uint8Array.of(1, 2, 3);
    const { certificateDer } = await testIdentity({ nonce });
    const verdict = await verify(certificateDer, { ...good, nonce });
    expect(verdict).toMatchObject({ ok: true, raTls: { nonce } });
    expect((await verify(certificateDer)).ok).toBe(true);
    for (const other of [Uint8Array.of(1, 2), Uint8Array.of(1, 2, 4), new Uint8Array()]) {
      const refused = await verify(certificateDer, { ...good, nonce: other });
      expect(failures(refused)).toEqual(['ratls.nonce ERR_RATLS_NONCE']);
    }
    const without = await testIdentity();
    const refused = await verify(without.certificateDer, { ...good, nonce: new Uint8Array() });
    expect(failures(refused)).toEqual(['ratls.nonce ERR_RATLS_NONCE']);
  });
});

describe('the certificate around the evidence', () => {
  it('is refused outside of its dates', async () => {
    const late = await diceCertificate({ notAfter: testNow - 1 });
    expect(failures(await verify(late))).toEqual(['ratls.time ERR_CERT_EXPIRED']);
    const early = await diceCertificate({ notBefore: testNow + 3600 });
    expect(failures(await verify(early))).toEqual(['ratls.time ERR_CERT_NOT_YET_VALID']);
  });

  it('bounds how long the verdict holds, as the collateral does', async () => {
    const { validUntil } = await verify(await diceCertificate({ notAfter: testNow + 10 }));
    expect(validUntil).toBe(testNow + 10);
    const long = await verify(await diceCertificate({ notAfter: Date.UTC(2300, 0, 1) / 1000 }));
    expect(long.validUntil).toBe(testNow + 20 * 86_400);
  });

  it('may mark the evidence critical, and nothing that is unknown', async () => {
    const claims = claimsFor(key.spki);
    const value = tagged(60_000, encodeCanonical([await quoteFor(reportDataOf(claims)), claims]));
    const critical = extension('2.23.133.5.4.9', true, value);
    expect((await verify(anyCertificate({ key, extensions: [critical] }))).ok).toBe(true);
    const unknown = extension('1.2.3.4', true, new Uint8Array());
    const refused = await verify(anyCertificate({ key, extensions: [critical, unknown] }));
    expect(failures(refused)).toEqual(['ratls.extensions ERR_CERT_EXTENSION']);
  });

  it('must let its key sign', async () => {
    const usage = extension('2.5.29.15', true, bits(Uint8Array.of(0x06), 1));
    const refused = await verify(await diceCertificate({ extensions: [await diceExtension(key.spki), usage] }));
    expect(failures(refused)).toEqual(['ratls.extensions ERR_CERT_EXTENSION']);
  });
});

describe('collateral', () => {
  const { collateral, ...rest } = good;

  it('is asked for with the quote, and only for one that is bound to the key', async () => {
    const asked: Uint8Array[] = [];
    const collateralFor = async (quote: Uint8Array) => {
      asked.push(quote);
      return collateral;
    };
    const certificate = await diceCertificate();
    expect((await verify(certificate, { ...rest, collateralFor })).ok).toBe(true);
    expect(asked).toEqual([parseRaTlsCertificate(certificate).evidence.quote]);
    const stolen = anyCertificate({ key: keys.other, extensions: [await diceExtension(key.spki)] });
    expect((await verify(stolen, { ...rest, collateralFor })).ok).toBe(false);
    expect(asked).toHaveLength(1);
  });

  it('that cannot be had is a failed check', async () => {
    const collateralFor = async () => {
      throw new TeeError('ERR_COLLATERAL_FORMAT', 'The service is down.');
    };
    const verdict = await verify(await diceCertificate(), { ...rest, collateralFor });
    expect(failures(verdict)).toEqual(['ratls.collateral ERR_COLLATERAL_FORMAT']);
  });

  it('out of the certificate is used when asked for, and verified like any other', async () => {
    const { certificateDer } = await testIdentity({ collateral });
    const verdict = await verify(certificateDer, { ...rest, useEndorsements: true });
    expect(failures(verdict)).toEqual([]);
    expect(verdict.ok).toBe(true);
    const stale = await verify(certificateDer, { ...rest, now: testNow + 3600 * 23, useEndorsements: true });
    expect(stale.ok).toBe(true);
    const newer = new TextDecoder().decode(collateral.tcbInfo).replace('DataNumber":20', 'DataNumber":21');
    const tampered = { ...collateral, tcbInfo: new TextEncoder().encode(newer) };
    const identity = await testIdentity({ collateral: tampered });
    const refused = await verify(identity.certificateDer, { ...rest, useEndorsements: true });
    expect(failures(refused)).toContain('tcbInfo.signature ERR_TCB_INFO_SIGNATURE');
    expect(refused.ok).toBe(false);
  });

  it('out of the certificate needs one that carries some', async () => {
    const verdict = await verify(await diceCertificate(), { ...rest, useEndorsements: true });
    expect(failures(verdict)).toEqual(['ratls.collateral ERR_RATLS_ENDORSEMENTS']);
  });

  it('out of the certificate is not looked at when it was not asked for', async () => {
    const broken = extension('2.23.133.5.4.2', false, Uint8Array.of(0xff));
    const certificate = await diceCertificate({ extensions: [await diceExtension(key.spki), broken] });
    expect((await verify(certificate)).ok).toBe(true);
    const refused = await verify(certificate, { ...rest, useEndorsements: true });
    expect(failures(refused)).toEqual(['ratls.collateral ERR_RATLS_FORMAT']);
  });
});

it('a TD proves itself in the same way', async () => {
  const claims = claimsFor(key.spki);
  const enclave = reportBody({ reportData: reportDataOf(claims) });
  const { quote, collateral } = testEvidence({ kind: 'td15-v5', quote: { enclave } });
  const evidence = tagged(60_000, encodeCanonical([quote, claims]));
  const certificate = anyCertificate({ key, extensions: [extension('2.23.133.5.4.9', false, evidence)] });
  const policy = { mrTd: ['7d'.repeat(48)] };
  const verdict = await verify(certificate, { ...good, collateral, policy });
  expect(failures(verdict)).toEqual([]);
  expect(verdict).toMatchObject({ ok: true, claims: { tee: 'tdx' }, raTls: { form: 'dice' } });
});
