import { TeeError } from '@neo-service-layer/tee-interface';
import { crypto } from '#crypto';
import { equalBytes, isZero } from '../bytes/equal-bytes.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import { unwrapCertificates } from '../collateral/containers.ts';
import type { UnverifiedQuote } from '../quote/quote.ts';
import type { SignatureChecker } from './signature-checker.ts';

/** The QE vendor id of Intel, whose quoting enclaves are the only ones whose collateral exists. */
const intelVendorId = fromHex('939a7233f79c4ca9940a0db3957f0607');

/** @throws {TeeError} ERR_QUOTE_UNSUPPORTED when the quoting enclave is not Intel's */
export function requireIntelVendor(quote: UnverifiedQuote): void {
  const { qeVendorId } = quote.header;
  if (equalBytes(qeVendorId, intelVendorId)) return;
  throw new TeeError('ERR_QUOTE_UNSUPPORTED', 'The quoting enclave is of an unknown vendor.', {
    expected: toHex(intelVendorId),
    actual: toHex(qeVendorId),
  });
}

/**
 * The certificates by which the platform is to be known, as DER: those in the quote, or those beside it when the quote
 * only names its platform (certification data types 1 to 4).
 * @throws {TeeError} ERR_PCK_MISSING, ERR_CERT_FORMAT
 */
export function collectPckCertificates(quote: UnverifiedQuote, beside: readonly Uint8Array[]): readonly Uint8Array[] {
  const { kind, bytes, type } = quote.certificationData;
  if (kind === 'pck-chain') return unwrapCertificates(bytes);
  if (kind === 'unknown') {
    throw new TeeError('ERR_PCK_MISSING', 'The quote has certification data of an unknown type.', {
      expected: '1 to 5',
      actual: String(type),
    });
  }
  if (beside.length === 0) {
    throw new TeeError('ERR_PCK_MISSING', 'The quote carries no PCK chain and the collateral brings none.', {
      actual: `certification data type ${type}`,
      hint: 'Pass the chain as pckCertificateChain of the collateral.',
    });
  }
  if (kind !== 'pck-certificate') return beside;
  const carried = unwrapCertificates(bytes);
  const isNew = (certificate: Uint8Array) => !beside.some((known) => equalBytes(known, certificate));
  return [...carried.filter(isNew), ...beside];
}

/** @throws {TeeError} ERR_QE_REPORT_SIGNATURE unless the PCK key signed the report of the quoting enclave */
export async function verifyQeReportSignature(
  quote: UnverifiedQuote,
  pckKey: Uint8Array | null,
  signatures: SignatureChecker,
): Promise<void> {
  const { qeReportSignature, qeReportBytes } = quote;
  if (pckKey && (await signatures.verify(pckKey, qeReportSignature, qeReportBytes))) return;
  throw new TeeError('ERR_QE_REPORT_SIGNATURE', 'The PCK certificate did not sign the report of the quoting enclave.');
}

/**
 * The quoting enclave vouches for the attestation key in its report data: SHA-256 of key and authentication data, and
 * zeros. Intel's own verifier does not look at the zeros; every genuine quote has them.
 * @throws {TeeError} ERR_QE_REPORT_DATA
 */
export async function verifyQeReportData(quote: UnverifiedQuote): Promise<void> {
  const { attestationKey, qeAuthenticationData, qeReport } = quote;
  const input = new Uint8Array(attestationKey.length + qeAuthenticationData.length);
  input.set(attestationKey);
  input.set(qeAuthenticationData, attestationKey.length);
  const hash = await crypto.sha256(input);
  const { reportData } = qeReport;
  if (equalBytes(reportData.subarray(0, 32), hash) && isZero(reportData.subarray(32))) return;
  throw new TeeError('ERR_QE_REPORT_DATA', 'The quoting enclave did not vouch for the attestation key.', {
    expected: toHex(hash) + '00'.repeat(32),
    actual: toHex(reportData),
  });
}

/** @throws {TeeError} ERR_QUOTE_SIGNATURE unless the attestation key signed header and body */
export async function verifyQuoteSignature(quote: UnverifiedQuote, signatures: SignatureChecker): Promise<void> {
  if (await signatures.verifyOnce(quote.attestationKey, quote.signature, quote.signedBytes)) return;
  throw new TeeError('ERR_QUOTE_SIGNATURE', 'The attestation key did not sign this quote.');
}
