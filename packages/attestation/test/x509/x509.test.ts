import { isTeeError } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/bytes/hex.ts';
import { unwrapCertificates, unwrapRevocationList } from '../../src/collateral/containers.ts';
import { parseCertificate } from '../../src/x509/certificate.ts';
import { parsePckExtension } from '../../src/x509/pck-extension.ts';
import { parseRevocationList } from '../../src/x509/revocation-list.ts';
import { testEvidence } from '../helpers/test-pki.ts';
import { flipBit, readVector, vectorsFolder } from '../helpers/vectors.ts';

const quoteText = new TextDecoder().decode(testEvidence().quote);
const pemText = quoteText.slice(quoteText.indexOf('-----BEGIN'));

function testCertificates(): Uint8Array[] {
  return unwrapCertificates(new TextEncoder().encode(pemText));
}

const noBytes = new Uint8Array();

describe('certificates', () => {
  it('are read by field', () => {
    const [leaf = noBytes, ca = noBytes] = testCertificates();
    const certificate = parseCertificate(leaf);
    expect(certificate).toMatchObject({
      subjectName: 'Test SGX PCK Certificate',
      issuerName: 'Test SGX PCK Platform CA',
      serialNumber: '03',
      basicConstraints: { ca: false, pathLength: null },
      keyUsage: { digitalSignature: true, keyCertSign: false, crlSign: false },
    });
    expect(parsePckExtension(certificate)).toMatchObject({ pceSvn: 13, sgxType: 'standard', platformInstanceId: null });
    expect(parseCertificate(ca).keyUsage).toEqual({ digitalSignature: false, keyCertSign: true, crlSign: true });
  });

  it('are refused when anything follows them, and when they are absurdly long', async () => {
    const [leaf = noBytes] = testCertificates();
    for (const bytes of [Uint8Array.of(...leaf, 0), new Uint8Array(100_000), noBytes]) {
      expect((await thrownBy(() => parseCertificate(bytes))).code).toBe('ERR_CERT_FORMAT');
    }
  });

  it('give typed errors only, cut off or with any bit flipped', () => {
    const [leaf = noBytes] = testCertificates();
    const attempts = [
      ...Array.from({ length: leaf.length }, (_, length) => leaf.subarray(0, length)),
      ...Array.from({ length: leaf.length * 8 }, (_, bit) => flipBit(leaf, bit >> 3, bit & 7)),
    ];
    for (const bytes of attempts) {
      try {
        parsePckExtension(parseCertificate(bytes));
      } catch (error) {
        if (!isTeeError(error)) throw error;
        expect(['ERR_CERT_FORMAT', 'ERR_PCK_EXTENSION']).toContain(error.code);
      }
    }
  });

  it.skipIf(!vectorsFolder)('are never taken out of the text inside of another certificate', () => {
    const bytes = readVector('ra-tls/openenclave_sgx_cert_ec_bad.der');
    const [found = noBytes, ...more] = unwrapCertificates(bytes);
    expect(more).toEqual([]);
    // Node's own reader finds Intel's PCK Platform CA in here.
    expect(parseCertificate(found).subjectName).not.toContain('Intel');
  });
});

describe('revocation lists', () => {
  const list = testEvidence({ pckCrl: { revoked: [3, 0x80, 0x1234] } }).collateral.pckCrl ?? noBytes;

  it('name the serial numbers as certificates spell them', () => {
    const { revoked, issuerName } = parseRevocationList(list);
    expect([...revoked]).toEqual(['03', '0080', '1234']);
    expect(issuerName).toBe('Test SGX PCK Platform CA');
  });

  it('give typed errors only, cut off or with any bit flipped', () => {
    const attempts = [
      ...Array.from({ length: list.length }, (_, length) => list.subarray(0, length)),
      ...Array.from({ length: list.length * 8 }, (_, bit) => flipBit(list, bit >> 3, bit & 7)),
    ];
    for (const bytes of attempts) {
      try {
        parseRevocationList(bytes);
      } catch (error) {
        if (!isTeeError(error)) throw error;
        expect(error.code).toBe('ERR_CRL_FORMAT');
      }
    }
  });

  it.skipIf(!vectorsFolder)('of Intel are read in each container that occurs', () => {
    for (const path of [
      'collateral/root_ca_crl_2025-03-20_2026-04-03.der',
      'collateral/root_ca_crl_2026-02-26_2027-02-26.pem',
      'openenclave/tdx_v5_relaunch_advised/pck_crl.hex',
      'teepot/vault_proxy/pck_crl.pem',
      'teepot/out_of_date/root_ca_crl.der',
    ]) {
      const { issuerName, nextUpdate } = parseRevocationList(unwrapRevocationList(readVector(path)));
      expect(issuerName).toContain('Intel SGX');
      expect(nextUpdate).toBeGreaterThan(1_600_000_000);
    }
  });
});

describe('containers', () => {
  it('give back what was put into them: DER, hex, PEM, percent-encoded PEM, each with what trails it', () => {
    const certificates = testCertificates();
    const [leaf = noBytes] = certificates;
    const forms = [pemText, encodeURIComponent(pemText), `${pemText}\0`, `${pemText}\r\n`].map((form) =>
      new TextEncoder().encode(form),
    );
    for (const form of forms) expect(unwrapCertificates(form)).toEqual(certificates);
    for (const tail of ['', '\0', '\n', ' \r\n\0']) {
      expect(unwrapCertificates(new TextEncoder().encode(toHex(leaf) + tail))).toEqual([leaf]);
      expect(unwrapCertificates(Uint8Array.of(...leaf, ...new TextEncoder().encode(tail)))).toEqual([leaf]);
    }
    expect(unwrapCertificates(Uint8Array.of(...leaf, ...leaf))).toEqual([leaf, leaf]);
  });

  it('refuse everything else with a typed error', () => {
    const pieces = fc.constantFrom(
      '-----BEGIN CERTIFICATE-----',
      '-----END CERTIFICATE-----',
      'MIIB',
      '=',
      '3082',
      '0',
      '%',
      '-----BEGIN%20',
      '\n',
      '\0',
      'é',
    );
    const texts = fc.array(pieces, { maxLength: 8 }).map((parts) => new TextEncoder().encode(parts.join('')));
    fc.assert(
      fc.property(fc.oneof(texts, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        for (const read of [unwrapCertificates, unwrapRevocationList]) {
          try {
            read(bytes);
          } catch (error) {
            if (!isTeeError(error)) throw error;
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('hold no more certificates than a chain can have', async () => {
    const many = new Uint8Array(100_000).map((_, index) => (index % 2 === 0 ? 0x30 : 0));
    expect((await thrownBy(() => unwrapCertificates(many))).code).toBe('ERR_CERT_FORMAT');
  });
});
