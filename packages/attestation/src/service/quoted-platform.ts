import { TeeError } from '@neo-service-layer/tee-interface';
import { toHex } from '../bytes/hex.ts';
import { unwrapCertificates } from '../collateral/containers.ts';
import { parseQuote } from '../quote/parse-quote.ts';
import type { UnverifiedQuote } from '../quote/quote.ts';
import { verifyCertificateChain } from '../verify/certificate-chain.ts';
import { collectPckCertificates } from '../verify/quote-path.ts';
import type { SignatureChecker } from '../verify/signature-checker.ts';
import type { TrustAnchor } from '../verify/trust-anchor.ts';
import type { Certificate } from '../x509/certificate.ts';
import { type PckExtension, parsePckExtension } from '../x509/pck-extension.ts';

/** Which collateral a quote needs, according to its PCK certificate. */
export interface QuotedPlatform {
  tee: 'sgx' | 'tdx';
  /** 12 hex digits, lower case. */
  fmspc: string;
  /** Which of Intel's two CAs issued the PCK certificate. */
  ca: 'processor' | 'platform';
  pck: PckExtension;
  pckCa: Certificate;
  anchor: TrustAnchor;
}

/**
 * Finds out which platform a quote speaks of. The PCK chain is verified up to a trust anchor first, so that a stranger
 * who makes quotes up can neither have us ask for collateral nor fill the cache. Nothing else of the quote is looked
 * at: neither its signatures, nor times, nor revocation.
 *
 * @param pckChain certificates for quotes that carry none (certification data types 1 to 4), in any container
 * @throws {TeeError} ERR_QUOTE_FORMAT, ERR_QUOTE_UNSUPPORTED, ERR_PCK_MISSING, ERR_PCK_EXTENSION, ERR_CERT_*
 */
export async function identifyPlatform(
  quote: Uint8Array | UnverifiedQuote,
  pckChain: Uint8Array | undefined,
  anchors: readonly TrustAnchor[],
  signatures: SignatureChecker,
): Promise<QuotedPlatform> {
  const parsed = parseQuote(quote instanceof Uint8Array ? quote : quote.bytes);
  const beside = pckChain ? unwrapCertificates(pckChain) : [];
  const certificates = collectPckCertificates(parsed, beside);
  const { leaf, intermediate, anchor } = await verifyCertificateChain(certificates, 'pck', anchors, signatures);
  if (!intermediate) throw new TeeError('ERR_CERT_CHAIN', 'The PCK certificate was not issued by a PCK CA.');
  const pck = parsePckExtension(leaf);
  return { tee: parsed.tee, fmspc: toHex(pck.fmspc), ca: readCaType(intermediate), pck, pckCa: intermediate, anchor };
}

function readCaType({ subjectName }: Certificate): 'processor' | 'platform' {
  if (subjectName.endsWith('PCK Processor CA')) return 'processor';
  if (subjectName.endsWith('PCK Platform CA')) return 'platform';
  throw new TeeError('ERR_CERT_CHAIN', 'The CA of the PCK certificate is neither the processor nor the platform CA.', {
    expected: 'PCK Processor CA or PCK Platform CA',
    actual: subjectName,
  });
}
