import { TeeError } from '@neo-service-layer/tee-interface';
import { type CborValue, decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { crypto } from '#crypto';

/** More than any claims need: they are what a quote commits to, not what it carries. */
const maxClaimsBytes = 64 * 1024;

/**
 * Claims as a canonical CBOR array that starts with a label. The label says what the claims are for, so that a quote
 * made for one purpose never passes for one of another.
 * @throws {TeeError} ERR_CBOR for values without a canonical encoding, or when they are absurdly long
 */
export function encodeClaims(label: string, ...fields: CborValue[]): Uint8Array {
  const claims = encodeCanonical([label, ...fields]);
  readClaimsLabel(claims);
  return claims;
}

/**
 * The label of claims. They are refused unless they are exactly what {@link encodeClaims} makes; what follows the label
 * is the caller's to read.
 * @throws {TeeError} ERR_CBOR
 */
export function readClaimsLabel(claims: Uint8Array): string {
  if (claims.length > maxClaimsBytes) {
    throw new TeeError('ERR_CBOR', 'Claims are absurdly long.', {
      expected: `at most ${maxClaimsBytes} bytes`,
      actual: `${claims.length} bytes`,
    });
  }
  const value = decodeCanonical(claims);
  const [label] = Array.isArray(value) ? value : [];
  if (typeof label === 'string' && label !== '') return label;
  throw new TeeError('ERR_CBOR', 'Claims are not a CBOR array that starts with a label.');
}

/**
 * The 64 bytes that a quote carries to commit to claims: SHA-512 over them. This is the one rule; whoever makes
 * evidence and whoever checks it both use this function.
 * @param claims what {@link encodeClaims} makes
 * @throws {TeeError} ERR_CBOR for bytes that are no labelled claims: nothing else is ever committed to
 */
export async function reportDataFor(claims: Uint8Array): Promise<Uint8Array> {
  readClaimsLabel(claims);
  return crypto.digest('SHA-512', claims);
}
