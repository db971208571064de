import { TeeError } from '@neo-service-layer/tee-interface';
import { toHex } from '../bytes/hex.ts';
import { decodeCacheEntry, encodeCacheEntry } from './cache-entry.ts';
import type { CollateralCache } from './collateral-cache.ts';
import { newestCollateral } from './newest-collateral.ts';
import type { QuotedPlatform } from './platform-finder.ts';
import { type VettedCollateral, vetCollateral } from './vetted-collateral.ts';

/** Verified collateral with when it was fetched. */
export interface StoredCollateral extends VettedCollateral {
  /** Unix seconds. */
  fetchedAt: number;
  /** No refresh before then, unix seconds. */
  retryAt: number;
  /** Why the last refresh failed. */
  refreshError: TeeError | null;
}

/** What a store needs to know. */
export interface StoreOptions {
  cache?: CollateralCache | undefined;
  trustAnchors?: readonly Uint8Array[] | undefined;
  onWarning?: OnWarning;
}

type OnWarning = ((warning: TeeError) => void) | undefined;

/** Kinds of platforms held in memory; some 50 KB each. */
const maxRemembered = 256;

/**
 * Verified collateral in memory, over a cache of bytes that nobody trusts. Trouble with the cache is a warning, never
 * an error: without it everything is fetched.
 */
export class CollateralStore {
  readonly #options: StoreOptions;
  readonly #edition: string;
  readonly #memory = new Map<string, StoredCollateral>();

  /** @param edition the part of the keys that stands for the edition asked for */
  constructor(options: StoreOptions, edition: string) {
    this.#options = options;
    this.#edition = edition;
  }

  /** One key for each kind of platform, edition and root. */
  keyOf({ tee, fmspc, ca, anchor }: QuotedPlatform): string {
    return [tee, fmspc, ca, this.#edition, toHex(anchor.publicKey.subarray(0, 6))].join('-');
  }

  /** What this process has, valid or not. */
  inMemory(platform: QuotedPlatform): StoredCollateral | null {
    return this.#memory.get(this.keyOf(platform)) ?? null;
  }

  /**
   * The newest that this process or the cache has, valid or not.
   * @param onWarning told of trouble with the cache; default: that of the options
   */
  async read(platform: QuotedPlatform, onWarning = this.#options.onWarning): Promise<StoredCollateral | null> {
    const known = this.inMemory(platform);
    const cached = await this.#readCache(platform, onWarning);
    if (!cached || (known && cached.fetchedAt <= known.fetchedAt)) return known;
    if (known && newestCollateral(known, cached).older.length > 0) return known;
    this.#remember(this.keyOf(platform), cached);
    return cached;
  }

  /** Keeps what was fetched just now. */
  async write(platform: QuotedPlatform, vetted: VettedCollateral, now: number, retryAt: number) {
    const key = this.keyOf(platform);
    const stored: StoredCollateral = { ...vetted, fetchedAt: Math.floor(now), retryAt, refreshError: null };
    const entry = encodeCacheEntry({ key, fetchedAt: stored.fetchedAt, collateral: vetted.collateral });
    await this.#tolerate(async () => this.#options.cache?.put(key, entry), this.#options.onWarning);
    this.#remember(key, stored);
    return stored;
  }

  /** Says of what is in memory that it could not be refreshed. */
  noteFailure(platform: QuotedPlatform, refreshError: TeeError, retryAt: number): void {
    const known = this.inMemory(platform);
    if (known) this.#memory.set(this.keyOf(platform), { ...known, refreshError, retryAt });
  }

  async #readCache(platform: QuotedPlatform, onWarning: OnWarning): Promise<StoredCollateral | null> {
    const { cache, trustAnchors } = this.#options;
    const key = this.keyOf(platform);
    const stored = await this.#tolerate(async () => {
      const bytes = (await cache?.get(key)) ?? null;
      if (!bytes) return null;
      const { collateral, fetchedAt } = decodeCacheEntry(bytes, key);
      const vetted = await vetCollateral(collateral, platform, trustAnchors);
      return { ...vetted, fetchedAt, retryAt: Number.NEGATIVE_INFINITY, refreshError: null };
    }, onWarning);
    return stored ?? null;
  }

  async #tolerate<T>(action: () => Promise<T>, onWarning: OnWarning): Promise<T | undefined> {
    try {
      return await action();
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : 'The cache of collateral failed.';
      onWarning?.(new TeeError('ERR_COLLATERAL_CACHE', message, { cause }));
      return undefined;
    }
  }

  #remember(key: string, stored: StoredCollateral): void {
    this.#memory.delete(key);
    this.#memory.set(key, stored);
    const [oldest] = this.#memory.keys();
    if (this.#memory.size > maxRemembered && oldest !== undefined) this.#memory.delete(oldest);
  }
}
