import { TeeError } from '@neo-service-layer/tee-interface';

/**
 * Where a collateral service keeps what it fetched, one entry for each kind of platform. Entries need no protection:
 * whatever comes out is verified before it is used, and fetched again when it does not verify. What a cache that is
 * wiped or turned back loses is the memory of which collateral was the newest.
 */
export interface CollateralCache {
  /** The bytes last put under this key, null when there are none. */
  get(key: string): Promise<Uint8Array | null>;
  /** Replaces what is there, wholly or not at all. */
  put(key: string, entry: Uint8Array): Promise<void>;
}

/** @throws {TeeError} ERR_INVALID_ARGUMENT unless the key is harmless as a file name */
export function requireCacheKey(key: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,126}$/.test(key)) return key;
  throw new TeeError('ERR_INVALID_ARGUMENT', 'The key of a cache entry is not a short name of a-z, 0-9 and hyphens.');
}

/** A cache that lives as long as the process. The entry that was put longest ago gives way. */
export class MemoryCollateralCache implements CollateralCache {
  readonly #entries = new Map<string, Uint8Array>();
  readonly #maxEntries: number;

  constructor({ maxEntries = 256 }: { maxEntries?: number } = {}) {
    this.#maxEntries = maxEntries;
  }

  async get(key: string): Promise<Uint8Array | null> {
    return this.#entries.get(requireCacheKey(key)) ?? null;
  }

  async put(key: string, entry: Uint8Array): Promise<void> {
    this.#entries.delete(requireCacheKey(key));
    this.#entries.set(key, new Uint8Array(entry));
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= this.#maxEntries) break;
      this.#entries.delete(oldest);
    }
  }
}
