import { TeeError } from '@neo-service-layer/tee-interface';
import { crypto } from '#crypto';
import { byteKey } from '../bytes/byte-key.ts';
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

/** Platforms that are remembered; some kilobytes each. */
const maxRemembered = 256;

/** Finds out which platforms quotes speak of, and remembers those whose PCK chain held. */
export class PlatformFinder {
  readonly #anchors: readonly TrustAnchor[];
  readonly #signatures: SignatureChecker;
  readonly #known = new Map<string, QuotedPlatform>();

  constructor(anchors: readonly TrustAnchor[], signatures: SignatureChecker) {
    this.#anchors = anchors;
    this.#signatures = signatures;
  }

  /**
   * The platform of a quote. The PCK chain is verified up to a trust anchor first, so that a stranger who makes quotes
   * up can neither have us ask for collateral nor fill the cache. Nothing else of the quote is looked at: neither its
   * signatures, nor times, nor revocation.
   *
   * @param pckChain certificates for quotes that carry none (certification data types 1 to 4), in any container
   * @throws {TeeError} ERR_QUOTE_FORMAT, ERR_QUOTE_UNSUPPORTED, ERR_PCK_MISSING, ERR_PCK_EXTENSION, ERR_CERT_*
   */
  async find(quote: Uint8Array | UnverifiedQuote, pckChain: Uint8Array | undefined): Promise<QuotedPlatform> {
    const parsed = parseQuote(quote instanceof Uint8Array ? quote : quote.bytes);
    if (pckChain) return this.#identify(parsed, unwrapCertificates(pckChain));
    const { type, bytes } = parsed.certificationData;
    // A pure function of these and the anchors.
    const id = `${parsed.tee} ${type} ${byteKey(await crypto.sha256(bytes))}`;
    const known = this.#known.get(id);
    if (known) return known;
    const platform = await this.#identify(parsed, []);
    const [oldest] = this.#known.keys();
    if (this.#known.size >= maxRemembered && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(id, platform);
    return platform;
  }

  async #identify(quote: UnverifiedQuote, beside: readonly Uint8Array[]): Promise<QuotedPlatform> {
    const certificates = collectPckCertificates(quote, beside);
    const chain = await verifyCertificateChain(certificates, 'pck', this.#anchors, this.#signatures);
    const { leaf, intermediate: pckCa, anchor } = chain;
    if (!pckCa) throw new TeeError('ERR_CERT_CHAIN', 'The PCK certificate was not issued by a PCK CA.');
    const pck = parsePckExtension(leaf);
    return { tee: quote.tee, fmspc: toHex(pck.fmspc), ca: readCaType(pckCa), pck, pckCa, anchor };
  }
}

function readCaType({ subjectName }: Certificate): 'processor' | 'platform' {
  if (subjectName.endsWith('PCK Processor CA')) return 'processor';
  if (subjectName.endsWith('PCK Platform CA')) return 'platform';
  throw new TeeError('ERR_CERT_CHAIN', 'The CA of the PCK certificate is neither the processor nor the platform CA.', {
    expected: 'PCK Processor CA or PCK Platform CA',
    actual: subjectName,
  });
}
