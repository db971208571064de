import { TeeError } from '@neo-service-layer/tee-interface';
import type { HostBlobStore } from './host-blob-store.ts';
import { type FramedPage, framePage, hashPage, requirePage } from './index-page.ts';

/** A page that was checked, or made here. */
export interface KnownPage {
  hash: Uint8Array;
  bytes: Buffer;
}

/** A page that is wanted: where it is, and the hash that its parent says. */
export interface WantedPage {
  path: string;
  hash: Uint8Array;
}

/**
 * Pages of the index by their place. Those of the host are checked against the hash that is asked for; those used last
 * stay in memory, a bounded number.
 */
export class IndexPages {
  readonly #host: HostBlobStore;
  readonly #prefix: string;
  readonly #most: number;
  readonly #cache = new Map<string, KnownPage & { wasUsed: boolean }>();
  /** Places of the pages in memory, in a circle; some of them may be forgotten already. */
  readonly #clock: string[] = [];
  #hand = 0;

  constructor(host: HostBlobStore, prefix: string, most: number) {
    this.#host = host;
    this.#prefix = prefix;
    this.#most = Math.max(most, 1);
  }

  /** The page if it is in memory. */
  cached(path: string, hash: Uint8Array): Buffer | null {
    const known = this.#cache.get(path);
    if (!known || Buffer.compare(known.hash, hash) !== 0) return null;
    known.wasUsed = true;
    return known.bytes;
  }

  /** Pages of the host, in their order. @throws {TeeError} ERR_SEAL_TAMPERED */
  async load(wanted: readonly WantedPage[]): Promise<Buffer[]> {
    const found = await this.#host.getMany(wanted.map(({ path }) => this.key(path)));
    return wanted.map(({ path, hash }, index) => {
      const bytes = found[index];
      if (!bytes) throw pageRefused(path, 'no page');
      // A copy: what was checked is what is read afterwards.
      const page: FramedPage = framePage(path, bytes.length);
      page.bytes.set(bytes);
      if (Buffer.compare(hashPage(page), hash) !== 0) throw pageRefused(path, 'another page');
      requirePage(page.bytes);
      this.remember(path, { hash: Uint8Array.from(hash), bytes: page.bytes });
      return page.bytes;
    });
  }

  /** Keeps a page, in the place of one that was not used lately when there are too many. */
  remember(path: string, { hash, bytes }: KnownPage): void {
    if (!this.#cache.has(path)) this.#clock[this.#freePlace()] = path;
    this.#cache.set(path, { hash, bytes, wasUsed: false });
  }

  forget(path: string): void {
    this.#cache.delete(path);
  }

  /** Where a page lies on the host. */
  key(path: string): string {
    return `${this.#prefix}.p${path}`;
  }

  /** The second-chance algorithm: the hand passes pages that were used since it last came by, and takes the next one. */
  #freePlace(): number {
    if (this.#clock.length < this.#most) return this.#clock.length;
    for (;;) {
      this.#hand = (this.#hand + 1) % this.#most;
      const path = this.#clock[this.#hand] ?? '';
      const known = this.#cache.get(path);
      if (known?.wasUsed) known.wasUsed = false;
      else {
        this.#cache.delete(path);
        return this.#hand;
      }
    }
  }
}

function pageRefused(path: string, actual: string): TeeError {
  return new TeeError('ERR_SEAL_TAMPERED', 'A page of the index is not the one that was written.', {
    expected: `the page "${path}" that the root commits to`,
    actual,
    hint: 'The host changed, lost or turned back its copy: restore the whole store from one moment.',
  });
}
