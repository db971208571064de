import { type Collateral, collateralSchema, TeeError } from '@neo-service-layer/tee-interface';
import { decodePlain, encodePlain, type PlainValue } from '@neo-service-layer/tee-interface/cbor';

/** What is kept of one fetch. */
export interface CacheEntry {
  /** What it was fetched for; an entry under the name of another is refused. */
  key: string;
  /** Unix seconds. */
  fetchedAt: number;
  collateral: Collateral;
}

const label = 'collateral-cache/1';

/** Four answers of at most a mebibyte each, and room for their chains. */
const maxEntryBytes = 5 * 1024 * 1024;

/** One CBOR document. */
export function encodeCacheEntry({ key, fetchedAt, collateral }: CacheEntry): Uint8Array {
  return encodePlain({ label, key, fetchedAt, collateral: { ...collateral } });
}

/**
 * Reads {@link encodeCacheEntry}'s bytes. Only their shape is checked: the collateral is as trustworthy as the disk.
 * @throws {TeeError} ERR_COLLATERAL_CACHE
 */
export function decodeCacheEntry(bytes: Uint8Array, key: string): CacheEntry {
  try {
    if (bytes.length > maxEntryBytes) throw new TeeError('ERR_CBOR', 'The entry is absurdly long.');
    const { fetchedAt, collateral, found } = readEntry(decodePlain(bytes));
    if (found === key) return { key, fetchedAt, collateral };
  } catch (cause) {
    throw new TeeError('ERR_COLLATERAL_CACHE', 'A cache entry is damaged; it is fetched again.', { cause });
  }
  throw new TeeError('ERR_COLLATERAL_CACHE', 'A cache entry is one of another platform; it is fetched again.', {
    expected: key,
  });
}

function readEntry(value: PlainValue) {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new TypeError('not a map');
  }
  const { label: found, key, fetchedAt, collateral, ...rest } = value;
  const isEntry = found === label && typeof key === 'string' && typeof fetchedAt === 'number';
  if (!isEntry || Object.keys(rest).length > 0) throw new TypeError('a member is missing or too much');
  return { found: key, fetchedAt, collateral: collateralSchema.parse(collateral) };
}
