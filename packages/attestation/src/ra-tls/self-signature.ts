import { TeeError } from '@neo-service-layer/tee-interface';
import { crypto } from '#crypto';
import type { HashName, SignatureScheme } from '../crypto/backend.ts';
import { derTags } from '../der/der-element.ts';
import { DerReader } from '../der/der-reader.ts';
import { readOid, readWholeBits } from '../der/der-values.ts';
import { readEcdsaSignature } from '../der/ecdsa-signature.ts';
import type { Certificate } from '../x509/certificate.ts';
import { type CertificateKey, readCertificateKey } from './certificate-key.ts';

/** Signature algorithms of certificates (RFC 5758 §3.2, RFC 4055 §5). SHA-1 is none of them. */
const algorithms: Readonly<Record<string, { kind: CertificateKey['kind']; hash: HashName }>> = {
  '1.2.840.10045.4.3.2': { kind: 'ec', hash: 'SHA-256' },
  '1.2.840.10045.4.3.3': { kind: 'ec', hash: 'SHA-384' },
  '1.2.840.10045.4.3.4': { kind: 'ec', hash: 'SHA-512' },
  '1.2.840.113549.1.1.11': { kind: 'rsa', hash: 'SHA-256' },
  '1.2.840.113549.1.1.12': { kind: 'rsa', hash: 'SHA-384' },
  '1.2.840.113549.1.1.13': { kind: 'rsa', hash: 'SHA-512' },
};

/**
 * Verifies that the certificate was signed by its own key, which is what binds everything in it to that key.
 * @throws {TeeError} ERR_RATLS_SIGNATURE, ERR_RATLS_KEY for an algorithm that is not supported, ERR_CERT_FORMAT
 */
export async function verifySelfSignature({ der, tbs, spki }: Certificate): Promise<void> {
  const key = readCertificateKey(spki);
  const outer = DerReader.open(der);
  outer.next(derTags.sequence);
  const hash = readHash(outer.enter(), key);
  const bits = readWholeBits(outer.next());
  outer.end();
  const scheme: SignatureScheme =
    key.kind === 'ec' ? { kind: 'ecdsa', curve: key.curve, hash } : { kind: 'rsa-pkcs1', hash };
  const signature = scheme.kind === 'ecdsa' ? readEcdsaSignature(bits, scheme.curve === 'P-256' ? 32 : 48) : bits;
  if (await crypto.verifySignature(scheme, spki, signature, tbs)) return;
  throw new TeeError('ERR_RATLS_SIGNATURE', 'The certificate was not signed by its own key.', {
    hint: 'Either it was changed on the way, or a CA signed it: certificates of CAs are not supported.',
  });
}

function readHash(algorithm: DerReader, key: CertificateKey): HashName {
  const id = readOid(algorithm.next());
  // Absent for ECDSA by RFC 5758, yet mbed TLS writes NULL there; NULL for RSA.
  const parameters = algorithm.optional(derTags.null);
  algorithm.end();
  const found = algorithms[id];
  if (found?.kind === key.kind && (parameters === null || parameters.content.length === 0)) return found.hash;
  throw new TeeError('ERR_RATLS_KEY', 'The certificate is signed with an unsupported algorithm.', {
    expected: `${key.kind === 'ec' ? 'ECDSA' : 'RSA PKCS #1 v1.5'} with SHA-256, SHA-384 or SHA-512`,
    actual: id,
  });
}
