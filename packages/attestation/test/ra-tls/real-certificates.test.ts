import { createHash, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { unwrapCertificates } from '../../src/collateral/containers.ts';
import { parseQuote } from '../../src/quote/parse-quote.ts';
import { parseRaTlsCertificate, type RaTlsForm, raTlsForms, verifyRaTlsCertificate } from '../../src/ra-tls/index.ts';
import { flipBit, readVector, vectorsFolder } from '../helpers/vectors.ts';
import { demands } from './support.ts';

const gramine = 'ra-tls/gramine-cert.pem';
const ratsTls = 'ra-tls/rats-tls-cert.pem';
const openEnclave = 'ra-tls/openenclave_sgx_cert_ec_bad.der';

/** In 2023, when all of them were within their dates. */
const options = { ...demands, trustAnchors: undefined, now: Date.UTC(2023, 5, 1) / 1000 };

async function ownChecks(bytes: Uint8Array, acceptedForms: readonly RaTlsForm[] = ['dice'], now = options.now) {
  const verdict = await verifyRaTlsCertificate(bytes, { ...options, acceptedForms, now });
  // There is no collateral for these quotes, so what is asserted are the checks on the certificate.
  const own = verdict.checks.filter(({ name }) => name.startsWith('ratls.'));
  return { verdict, failed: own.filter(({ ok }) => !ok).map(({ name, code }) => `${name} ${code}`), count: own.length };
}

describe.skipIf(!vectorsFolder)('real RA-TLS certificates', () => {
  it('of Gramine is a P-384 one with two quotes, of which the DICE one is bound to its key', async () => {
    const parsed = parseRaTlsCertificate(readVector(gramine));
    expect(parsed.certificate.subjectName).toBe('RATLS');
    expect(parsed.evidence.form).toBe('dice');
    expect(parsed.ignoredOids).toEqual(['0.6.9.42.840.113741.1337.6']);
    expect(await ownChecks(readVector(gramine))).toMatchObject({ failed: [], count: 7 });
  });

  it('of Gramine has another quote in its legacy extension, which is never joined with the DICE claims', () => {
    const { certificate, evidence } = parseRaTlsCertificate(readVector(gramine));
    const legacy = certificate.extensions.get('0.6.9.42.840.113741.1337.6')?.value ?? new Uint8Array();
    const legacyData = parseQuote(legacy).body.reportData;
    const diceData = parseQuote(evidence.quote).body.reportData;
    expect(legacyData).not.toEqual(diceData);
    expect(Buffer.from(legacyData.subarray(0, 32))).toEqual(createHash('sha256').update(certificate.spki).digest());
  });

  it('of rats-tls carries claims of its own, and has expired', async () => {
    const parsed = parseRaTlsCertificate(readVector(ratsTls));
    expect([...(parsed.evidence.claims?.custom.keys() ?? [])]).toEqual(['key_0', 'key_1']);
    expect(await ownChecks(readVector(ratsTls))).toMatchObject({ failed: [], count: 7 });
    const late = await ownChecks(readVector(ratsTls), ['dice'], Date.UTC(2024, 1, 23) / 1000);
    expect(late.failed).toEqual(['ratls.time ERR_CERT_EXPIRED']);
  });

  it('of Open Enclave with a broken signature is refused for it, though its quote is bound to its key', async () => {
    const { verdict, failed } = await ownChecks(readVector(openEnclave), ['open-enclave-report']);
    expect(failed).toEqual(['ratls.signature ERR_RATLS_SIGNATURE']);
    expect(verdict).toMatchObject({ ok: false, claims: null, raTls: null, error: { code: 'ERR_RATLS_SIGNATURE' } });
  });

  it('of Open Enclave is refused for its form unless that is accepted', async () => {
    const { failed } = await ownChecks(readVector(openEnclave));
    expect(failed).toEqual(['ratls.form ERR_RATLS_FORM', 'ratls.signature ERR_RATLS_SIGNATURE']);
  });

  it.each([gramine, ratsTls, openEnclave])('%s, as DER, is taken for a CA of Intel by Node, not by us', (path) => {
    const bytes = readVector(path);
    const [der = new Uint8Array()] = unwrapCertificates(bytes);
    expect(new X509Certificate(Buffer.from(der)).subject).toContain('Intel SGX PCK');
    const own = parseRaTlsCertificate(der).certificate;
    expect(own.subjectName).not.toContain('Intel');
    expect(own.der).toEqual(der);
  });

  it('are refused with any bit of signed part or signature flipped', async () => {
    for (const path of [gramine, ratsTls]) {
      const [der = new Uint8Array()] = unwrapCertificates(readVector(path));
      // All of the header and of the end; in between, a bit of every 97th byte.
      const places = Array.from({ length: der.length }, (_, i) => i).filter(
        (i) => i < 40 || i > der.length - 40 || i % 97 === 0,
      );
      for (const place of places) {
        const { failed } = await ownChecks(flipBit(der, place, place % 8), raTlsForms);
        expect(failed, `${path}, byte ${place}`).not.toEqual([]);
      }
    }
  });
});
