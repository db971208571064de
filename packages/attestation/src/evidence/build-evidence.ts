import { type Collateral, encodeEvidenceBundle, TeeError } from '@neo-service-layer/tee-interface';
import { equalBytes } from '../bytes/equal-bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { ownedCopy } from '../bytes/owned-copy.ts';
import { parseQuote } from '../quote/parse-quote.ts';
import { reportDataFor } from './report-data-for.ts';

/** Who makes quotes, e.g. an `OcclumAttestationProvider`. */
export interface QuoteSource {
  /** A quote with these 64 bytes as its report data. */
  quote(reportData: Uint8Array): Promise<Uint8Array>;
}

/** Who has collateral, e.g. a `CollateralService`. */
export interface CollateralSource {
  collateralFor(quote: Uint8Array): Promise<{ collateral: Collateral }>;
}

/** What evidence is made of. */
export interface EvidenceParts {
  /** A source that is asked for a quote, or a quote that was made for these very claims. */
  quote: QuoteSource | Uint8Array;
  /** What `encodeClaims` makes. */
  claims: Uint8Array;
  collateral: CollateralSource | Collateral;
}

/**
 * Makes one document of everything by which a relying party can judge an enclave without asking anybody: a quote that
 * commits to the claims, the claims, and collateral. What trails the quote in its buffer is left out.
 *
 * Guarantees that the quote commits to the claims; whether it is genuine, and the collateral fresh, is for
 * `checkEvidence` to say. Collateral is best added late: the document is good for as long as that is.
 *
 * @returns the document (canonical CBOR), as `encodeEvidenceBundle` makes it
 * @throws {TeeError} ERR_EVIDENCE_BINDING when the quote commits to something else, ERR_CBOR for claims that are none,
 *   ERR_QUOTE_FORMAT, ERR_QUOTE_UNSUPPORTED; whatever the sources throw
 */
export async function buildEvidence({ quote: source, claims: given, collateral }: EvidenceParts): Promise<Uint8Array> {
  const claims = ownedCopy(given);
  const reportData = await reportDataFor(claims);
  const made = source instanceof Uint8Array ? source : await source.quote(reportData);
  const { bytes: quote, body } = parseQuote(made);
  if (!equalBytes(body.reportData, reportData)) {
    throw new TeeError('ERR_EVIDENCE_BINDING', 'The quote does not commit to these claims.', {
      expected: `reportData ${toHex(reportData)}`,
      actual: `reportData ${toHex(body.reportData)}`,
      hint: 'The quote was made for other claims, or the host answered with one of its choice.',
    });
  }
  const found = 'collateralFor' in collateral ? (await collateral.collateralFor(quote)).collateral : collateral;
  return encodeEvidenceBundle({ quote, claims, collateral: found });
}
