import { TeeError } from '@neo-service-layer/tee-interface';
import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { CborReader } from './cbor-reader.ts';

/** Tag of an Intel TEE quote, and of its endorsements (IANA CBOR tags; CCC Interoperable RA-TLS, SGX / TDX formats). */
const quoteTag = 60_000;

/** Tags of evidence that only the CPU it was made on can check. */
const localReportTags: Readonly<Record<number, string>> = {
  60001: 'a TDX report or an SGX report of type 2 (tag 60001)',
  60002: 'a legacy SGX report (tag 60002)',
};

/** What the evidence extension holds: a quote, and the claims whose hash is in it. Nothing is verified. */
export interface DiceEvidence {
  quote: Uint8Array;
  /** Encoded claims, see `parseRaTlsClaims`. */
  claims: Uint8Array;
}

/**
 * Reads the value of the extension tcg-dice-tagged-evidence: CBOR `60000([quote, claims])`.
 * @throws {TeeError} ERR_RATLS_UNSUPPORTED for another kind of evidence, ERR_RATLS_FORMAT
 */
export function parseDiceEvidence(value: Uint8Array): DiceEvidence {
  const reader = new CborReader(value);
  requireQuoteTag(reader.tag());
  if (reader.array() !== 2) throw new TeeError('ERR_RATLS_FORMAT', 'Tagged evidence is not a quote and claims.');
  const quote = reader.bytes();
  const claims = reader.bytes();
  reader.end();
  return { quote, claims };
}

/** Writes what {@link parseDiceEvidence} reads. */
export function encodeDiceEvidence({ quote, claims }: DiceEvidence): Uint8Array {
  return withQuoteTag(encodeCanonical([quote, claims]));
}

/** @throws {TeeError} ERR_RATLS_UNSUPPORTED unless the tag is that of a quote */
export function requireQuoteTag(tag: number): void {
  if (tag === quoteTag) return;
  const local = localReportTags[tag];
  throw new TeeError('ERR_RATLS_UNSUPPORTED', 'The tagged evidence in the certificate is not a quote.', {
    expected: `a quote (tag ${quoteTag})`,
    actual: local ?? `tag ${tag}`,
    ...(local ? { hint: 'A local report cannot be checked from another machine.' } : {}),
  });
}

/** Puts the tag of a quote before an encoded item. */
export function withQuoteTag(item: Uint8Array): Uint8Array {
  // Major type 6 with a number of two bytes.
  return Uint8Array.of(0xd9, quoteTag >> 8, quoteTag & 0xff, ...item);
}
