import { TeeError } from '@neo-service-layer/tee-interface';
import { crypto } from '#crypto';
import { equalBytes, isZero } from '../bytes/equal-bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { parseQuote } from '../quote/parse-quote.ts';
import type { RaTlsEvidence } from './find-evidence.ts';
import { toPem } from './pem.ts';

/** What the first half of the report data may be the SHA-256 of, with a name for messages. */
interface Commitment {
  name: string;
  bytes: Uint8Array;
}

/**
 * Verifies that the quote commits to the key of the certificate, by the rule of its form: the first half of its report
 * data is a SHA-256, the second half is zero. Every real certificate has that half zero; not all verifiers look at it.
 *
 * Not verified here: the quote, and that whoever shows the certificate has the key (TLS does that).
 *
 * @param spki SubjectPublicKeyInfo of the certificate
 * @returns the name of what the quote commits to
 * @throws {TeeError} ERR_RATLS_BINDING, ERR_QUOTE_FORMAT, ERR_QUOTE_UNSUPPORTED
 */
export async function verifyBinding(evidence: RaTlsEvidence, spki: Uint8Array): Promise<string> {
  if (evidence.form === 'dice') await requireKeyHash(evidence.claims.keyHash, spki);
  const { reportData } = parseQuote(evidence.quote).body;
  const commitments = commitmentsOf(evidence, spki);
  const digests = await Promise.all(commitments.map(({ bytes }) => crypto.sha256(bytes)));
  const found = digests.findIndex((digest) => equalBytes(digest, reportData.subarray(0, 32)));
  const commitment = commitments[found];
  if (commitment && isZero(reportData.subarray(32))) return commitment.name;
  throw new TeeError('ERR_RATLS_BINDING', 'The quote does not commit to the key of this certificate.', {
    expected: `SHA-256 of ${commitments.map(({ name }) => name).join(' or of ')}, then zeros`,
    actual: toHex(reportData),
    hint: 'Someone put a genuine quote into a certificate of their own, or the form is not the one it seems to be.',
  });
}

async function requireKeyHash(
  { algorithm, digest }: { algorithm: Parameters<typeof crypto.digest>[0]; digest: Uint8Array },
  spki: Uint8Array,
): Promise<void> {
  const actual = await crypto.digest(algorithm, spki);
  if (equalBytes(actual, digest)) return;
  throw new TeeError('ERR_RATLS_BINDING', 'The claims are about another key than that of the certificate.', {
    expected: `${algorithm} ${toHex(digest)}`,
    actual: toHex(actual),
  });
}

function commitmentsOf(evidence: RaTlsEvidence, spki: Uint8Array): readonly Commitment[] {
  const key = { name: 'the SubjectPublicKeyInfo', bytes: spki };
  switch (evidence.form) {
    case 'dice':
      return [{ name: 'the claims', bytes: evidence.claimsBytes }];
    case 'legacy-quote':
      return [key];
    case 'open-enclave-report':
    case 'open-enclave-quote':
      // Open Enclave hashes the PEM text as a C string with its terminator, EGo the DER: both are the same key.
      return [{ name: 'the PEM public key with its NUL', bytes: terminated(toPem('PUBLIC KEY', spki)) }, key];
  }
}

function terminated(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}
