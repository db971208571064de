import { TeeError } from '@neo-service-layer/tee-interface';
import type { BlobChange, HostBlobStore } from './host-blob-store.ts';
import {
  childHash,
  digitAt,
  entryAt,
  type IndexChange,
  type IndexEntry,
  isInner,
  isNoPage,
  leafSize,
  lowerBound,
} from './index-page.ts';
import { IndexPages, type WantedPage } from './index-pages.ts';
import { IndexUpdater } from './index-update.ts';

/** An index after some changes; nothing of it is written or kept yet. */
export interface IndexUpdate {
  root: Uint8Array;
  /** Entries more (or fewer) than before. */
  growth: number;
  /** Pages to write. */
  writes: BlobChange[];
  /** Entries that were replaced or removed. */
  dropped: IndexEntry[];
  /** Keeps the new pages in the cache: to be called once they are written. */
  adopt(): void;
}

/**
 * The index of a store: pages on the host, of which only the root hash must be remembered. Every page is checked
 * against the hash in its parent before it is read, so the host can neither change, drop nor replay an entry unseen.
 */
export class IndexTree {
  readonly #pages: IndexPages;

  /** @param cachePages how many pages stay in memory */
  constructor(host: HostBlobStore, prefix: string, cachePages: number) {
    this.#pages = new IndexPages(host, prefix, cachePages);
  }

  /** The entries of these ids, null where there is none. @throws {TeeError} ERR_SEAL_TAMPERED */
  async find(root: Uint8Array, ids: readonly Uint8Array[]): Promise<(IndexEntry | null)[]> {
    const leaves: (Buffer | null)[] = [];
    await this.#reach(root, ids, (index, leaf) => {
      leaves[index] = leaf;
    });
    return ids.map((id, index) => {
      const leaf = leaves[index] ?? null;
      const place = leaf && lowerBound(leaf, id);
      return leaf && place?.isFound ? entryAt(leaf, place.index) : null;
    });
  }

  /** The entries of the first leaf that has any after this id (or at all), ascending. Empty at the end. */
  async after(root: Uint8Array, id: Uint8Array | null): Promise<IndexEntry[]> {
    return this.#after('', root, id);
  }

  /** What the index becomes with these changes; ids are all different. @throws {TeeError} ERR_SEAL_TAMPERED */
  async update(root: Uint8Array, changes: readonly IndexChange[]): Promise<IndexUpdate> {
    const sorted = [...changes].sort((a, b) => Buffer.compare(a.id, b.id));
    const ids = sorted.map(({ id }) => id);
    const reached = await this.#reach(root, ids, () => undefined);
    const updater = new IndexUpdater((path, hash) => {
      const page = reached.get(path) ?? this.#pages.cached(path, hash);
      if (!page) throw new TeeError('ERR_INTERNAL', 'A page of the index was not read before it is changed.');
      return page;
    });
    const newRoot = updater.apply('', root, sorted);
    const { growth, dropped, made } = updater;
    const writes = [...made].map(([path, page]) => ({ key: this.#pages.key(path), value: page?.bytes ?? null }));
    const adopt = () => {
      for (const [path, page] of made) {
        if (page) this.#pages.remember(path, page);
        else this.#pages.forget(path);
      }
    };
    return { root: newRoot, growth, dropped, writes, adopt };
  }

  /**
   * Walks to the leaf of each id, and asks the host for the pages that are not in memory, all of a level at once.
   * @param onLeaf is told where each walk ended: null where there is no page
   * @returns every page that was passed, by its place: the cache may have dropped some meanwhile
   */
  async #reach(
    root: Uint8Array,
    ids: readonly Uint8Array[],
    onLeaf: (index: number, leaf: Buffer | null) => void,
  ): Promise<Map<string, Buffer>> {
    const passed = new Map<string, Buffer>();
    let waiting = ids.map((id, index) => ({ id, index, path: '', hash: root }));
    while (waiting.length > 0) {
      const missing = new Map<string, WantedPage>();
      const stopped: typeof waiting = [];
      for (const walk of waiting) {
        let { path, hash } = walk;
        for (;;) {
          const page = isNoPage(hash) ? null : this.#passed(passed, path, hash);
          if (page === undefined) {
            missing.set(path, { path, hash });
            stopped.push({ ...walk, path, hash });
            break;
          }
          if (page === null || !isInner(page)) {
            onLeaf(walk.index, page);
            break;
          }
          const digit = digitAt(walk.id, path.length);
          hash = childHash(page, digit);
          path += digit.toString(16);
        }
      }
      if (stopped.length === 0) break;
      const wanted = [...missing.values()];
      const loaded = await this.#pages.load(wanted);
      wanted.forEach(({ path }, index) => {
        const page = loaded[index];
        if (page) passed.set(path, page);
      });
      waiting = stopped;
    }
    return passed;
  }

  #passed(passed: Map<string, Buffer>, path: string, hash: Uint8Array): Buffer | undefined {
    const known = passed.get(path);
    if (known) return known;
    const page = this.#pages.cached(path, hash) ?? undefined;
    if (page) passed.set(path, page);
    return page;
  }

  async #after(path: string, hash: Uint8Array, id: Uint8Array | null): Promise<IndexEntry[]> {
    if (isNoPage(hash)) return [];
    const page = this.#pages.cached(path, hash) ?? (await this.#pages.load([{ path, hash }]))[0];
    if (page === undefined) return [];
    if (!isInner(page)) {
      const place = id && lowerBound(page, id);
      const first = place ? place.index + (place.isFound ? 1 : 0) : 0;
      return Array.from({ length: leafSize(page) - first }, (_, index) => entryAt(page, first + index));
    }
    const first = id === null ? 0 : digitAt(id, path.length);
    for (let digit = first; digit < 16; digit += 1) {
      // Only the child on the path of the id can hold ids before it.
      const from = digit === first ? id : null;
      const entries = await this.#after(path + digit.toString(16), childHash(page, digit), from);
      if (entries.length > 0) return entries;
    }
    return [];
  }
}
