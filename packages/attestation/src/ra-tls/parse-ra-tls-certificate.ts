import { TeeError } from '@neo-service-layer/tee-interface';
import { unwrapCertificates } from '../collateral/containers.ts';
import { type Certificate, parseCertificate } from '../x509/certificate.ts';
import { evidenceOids } from './evidence-oids.ts';
import { findEvidence, type RaTlsEvidence } from './find-evidence.ts';

/** An RA-TLS certificate as it was read. **Nothing in it is verified**: anyone can write these bytes. */
export interface UnverifiedRaTlsCertificate {
  certificate: Certificate;
  /** The quote, with the claims that belong to it when its form has some. */
  evidence: RaTlsEvidence;
  /** OID of the extension that {@link evidence} comes from. */
  evidenceOid: string;
  /** Further extensions with evidence, which were not looked at. */
  ignoredOids: readonly string[];
  /** The extension with collateral, see `parseEndorsements`; null without. */
  endorsements: Uint8Array | null;
}

/** Base64 and line ends of the longest certificate that is read. */
const maxInputLength = 128 * 1024;

/**
 * Reads an RA-TLS certificate, DER or PEM, with our own reader: `new X509Certificate(der)` of Node looks for PEM inside
 * of the bytes first, finds the PCK chain in the quote, and returns Intel's CA in place of the certificate.
 *
 * @param input exactly one certificate
 * @throws {TeeError} ERR_CERT_FORMAT, ERR_RATLS_NO_EVIDENCE, ERR_RATLS_UNSUPPORTED, ERR_RATLS_FORMAT
 */
export function parseRaTlsCertificate(input: Uint8Array | string): UnverifiedRaTlsCertificate {
  const certificate = parseCertificate(unwrapOne(input));
  const { evidence, oid, ignoredOids } = findEvidence(certificate);
  return {
    certificate,
    evidence,
    evidenceOid: oid,
    ignoredOids,
    endorsements: certificate.extensions.get(evidenceOids.diceEndorsements)?.value ?? null,
  };
}

function unwrapOne(input: Uint8Array | string): Uint8Array {
  if (input.length > maxInputLength) {
    throw new TeeError('ERR_CERT_FORMAT', 'The certificate is absurdly long.', { actual: `${input.length} bytes` });
  }
  const [only, ...more] = unwrap(typeof input === 'string' ? new TextEncoder().encode(input) : input);
  if (!only || more.length > 0) throw new TeeError('ERR_CERT_FORMAT', 'There is not exactly one certificate.');
  return only;
}

function unwrap(bytes: Uint8Array): Uint8Array[] {
  try {
    return unwrapCertificates(bytes);
  } catch (cause) {
    if (cause instanceof TeeError && cause.code === 'ERR_CERT_FORMAT') throw cause;
    throw new TeeError('ERR_CERT_FORMAT', 'The certificate is neither DER nor PEM.', { cause });
  }
}
