import { TeeError } from '@neo-service-layer/tee-interface';
import { equalBytes } from '../bytes/equal-bytes.ts';
import { unwrapRevocationList } from '../collateral/containers.ts';
import type { Certificate } from '../x509/certificate.ts';
import { parseRevocationList, type RevocationList } from '../x509/revocation-list.ts';
import type { SignatureChecker } from './signature-checker.ts';

/**
 * Reads a revocation list out of its container. It is not verified.
 * @throws {TeeError} ERR_CRL_MISSING, ERR_CRL_FORMAT
 */
export function readRevocationList(bytes: Uint8Array | undefined, name: string): RevocationList {
  if (!bytes) {
    throw new TeeError('ERR_CRL_MISSING', `The collateral has no ${name}.`, {
      hint: "Only revocation: 'skip' verifies without revocation lists.",
    });
  }
  return parseRevocationList(unwrapRevocationList(bytes));
}

/**
 * Verifies that a list is the one of this CA: issued under its very name and signed with its key. Freshness is
 * another check.
 * @param publicKey 64 bytes: the key of the CA
 * @throws {TeeError} ERR_CRL_ISSUER, ERR_CRL_SIGNATURE
 */
export async function verifyRevocationList(
  list: RevocationList,
  ca: Certificate,
  publicKey: Uint8Array,
  signatures: SignatureChecker,
): Promise<void> {
  if (!equalBytes(list.issuer, ca.subject)) {
    throw new TeeError('ERR_CRL_ISSUER', 'The revocation list was issued by another CA than the certificate.', {
      expected: ca.subjectName,
      actual: list.issuerName,
    });
  }
  // A CA that says what its key is for must have said this too.
  if (ca.keyUsage?.crlSign !== true) {
    throw new TeeError('ERR_CRL_ISSUER', 'The CA may not sign revocation lists.', { actual: ca.subjectName });
  }
  if (!(await signatures.verify(publicKey, list.signature, list.tbs))) {
    throw new TeeError('ERR_CRL_SIGNATURE', 'The revocation list was not signed by its issuer.', {
      actual: list.issuerName,
    });
  }
}

/** @throws {TeeError} ERR_CERT_REVOKED when the certificate is on the list */
export function requireNotRevoked(certificate: Certificate, list: RevocationList): void {
  if (!list.revoked.has(certificate.serialNumber)) return;
  throw new TeeError('ERR_CERT_REVOKED', `The certificate of ${certificate.subjectName} is revoked.`, {
    actual: `serial number ${certificate.serialNumber} on the list of ${list.issuerName}`,
  });
}
