import { TeeError } from '@neo-service-layer/tee-interface';
import type { BlobChange, HostBlobStore } from './host-blob-store.ts';
import {
  decodePage,
  digitAt,
  encodeInner,
  encodeLeaf,
  hashPage,
  type IndexEntry,
  type IndexPage,
  isNoPage,
  leafCapacity,
  noPage,
} from './index-page.ts';

/** A change of the index: an entry, or an id to remove. */
export type IndexChange = { id: Uint8Array; entry: IndexEntry | null };

/** An index after some changes; nothing of it is written or kept yet. */
export interface IndexUpdate {
  root: Uint8Array;
  /** Entries more (or fewer) than before. */
  growth: number;
  /** Pages to write. */
  writes: BlobChange[];
  /** Keeps the new pages in the cache: to be called once they are written. */
  adopt(): void;
}

type KnownPage = { hash: Uint8Array; page: IndexPage };

/**
 * The index of a store: pages on the host, of which only the root hash must be remembered. Every page is checked
 * against the hash in its parent before it is read, so the host can neither change, drop nor replay an entry unseen.
 * Keeps the pages used last in memory, a bounded number.
 */
export class IndexTree {
  readonly #host: HostBlobStore;
  readonly #prefix: string;
  readonly #cachePages: number;
  readonly #cache = new Map<string, KnownPage>();

  constructor(host: HostBlobStore, prefix: string, cachePages: number) {
    this.#host = host;
    this.#prefix = prefix;
    this.#cachePages = cachePages;
  }

  /** The entries of these ids, null where there is none. @throws {TeeError} ERR_SEAL_TAMPERED */
  async find(root: Uint8Array, ids: readonly Uint8Array[]): Promise<(IndexEntry | null)[]> {
    const pages = await this.#pagesFor(root, ids);
    return ids.map((id) => {
      let path = '';
      let page = pages.get(path);
      while (page?.kind === 'inner') {
        path += digitAt(id, path.length).toString(16);
        page = pages.get(path);
      }
      return page ? findEntry(page.entries, id) : null;
    });
  }

  /** The entries of the first leaf that has any after this id (or at all), ascending. Empty at the end. */
  async after(root: Uint8Array, id: Uint8Array | null): Promise<IndexEntry[]> {
    return this.#after('', root, id);
  }

  /** What the index becomes with these changes; ids are all different. @throws {TeeError} ERR_SEAL_TAMPERED */
  async update(root: Uint8Array, changes: readonly IndexChange[]): Promise<IndexUpdate> {
    const ids = changes.map(({ id }) => id);
    const pages = await this.#pagesFor(root, ids);
    const made = new Map<string, KnownPage | null>();
    const writes: BlobChange[] = [];
    let growth = 0;

    const put = (path: string, bytes: Uint8Array, page: IndexPage): Uint8Array => {
      const hash = hashPage(path, bytes);
      made.set(path, { hash, page });
      writes.push({ key: this.#key(path), value: bytes });
      return hash;
    };
    const remove = (path: string, existed: boolean): Uint8Array => {
      if (existed) {
        made.set(path, null);
        writes.push({ key: this.#key(path), value: null });
      }
      return noPage;
    };
    const build = (path: string, entries: IndexEntry[]): Uint8Array => {
      if (entries.length <= leafCapacity) return put(path, encodeLeaf(entries), { kind: 'leaf', entries });
      const groups = groupByDigit(entries, path.length);
      const children = groups.map((group, digit) =>
        group.length > 0 ? build(path + digit.toString(16), group) : noPage,
      );
      return put(path, encodeInner(children), { kind: 'inner', children });
    };
    const apply = (path: string, hash: Uint8Array, wanted: readonly IndexChange[]): Uint8Array => {
      if (wanted.length === 0) return hash;
      const page = pages.get(path);
      if (page?.kind === 'inner') {
        const groups = groupByDigit(wanted, path.length);
        const children = page.children.map((child, digit) =>
          apply(path + digit.toString(16), child, groups[digit] ?? []),
        );
        if (children.every(isNoPage)) return remove(path, true);
        return put(path, encodeInner(children), { kind: 'inner', children });
      }
      const before = page?.entries ?? [];
      const entries = merge(before, wanted);
      growth += entries.length - before.length;
      return entries.length === 0 ? remove(path, page !== undefined) : build(path, entries);
    };

    const newRoot = apply('', root, changes);
    const adopt = () => {
      for (const [path, known] of made) {
        if (known) this.#remember(path, known);
        else this.#cache.delete(path);
      }
    };
    return { root: newRoot, growth, writes, adopt };
  }

  async #after(path: string, hash: Uint8Array, id: Uint8Array | null): Promise<IndexEntry[]> {
    if (isNoPage(hash)) return [];
    const page = (await this.#load([{ path, hash }])).get(path);
    if (page === undefined) return [];
    if (page.kind === 'leaf') return page.entries.filter((entry) => id === null || Buffer.compare(entry.id, id) > 0);
    const first = id === null ? 0 : digitAt(id, path.length);
    for (let digit = first; digit < 16; digit += 1) {
      // Only the child on the path of the id can hold ids before it.
      const from = digit === first ? id : null;
      const entries = await this.#after(path + digit.toString(16), page.children[digit] ?? noPage, from);
      if (entries.length > 0) return entries;
    }
    return [];
  }

  /** All pages on the way to these ids, asked for level by level. */
  async #pagesFor(root: Uint8Array, ids: readonly Uint8Array[]): Promise<Map<string, IndexPage>> {
    const pages = new Map<string, IndexPage>();
    let level = isNoPage(root) ? [] : [{ path: '', hash: root, ids }];
    while (level.length > 0) {
      const loaded = await this.#load(level);
      const next: typeof level = [];
      for (const { path, ids: below } of level) {
        const page = loaded.get(path);
        if (page === undefined) continue;
        pages.set(path, page);
        if (page.kind === 'leaf') continue;
        const groups: Uint8Array[][] = Array.from({ length: 16 }, () => []);
        for (const id of below) groups[digitAt(id, path.length)]?.push(id);
        groups.forEach((group, digit) => {
          const hash = page.children[digit] ?? noPage;
          if (group.length > 0 && !isNoPage(hash)) next.push({ path: path + digit.toString(16), hash, ids: group });
        });
      }
      level = next;
    }
    return pages;
  }

  async #load(wanted: readonly { path: string; hash: Uint8Array }[]): Promise<Map<string, IndexPage>> {
    const pages = new Map<string, IndexPage>();
    const missing: { path: string; hash: Uint8Array }[] = [];
    for (const want of wanted) {
      const known = this.#cache.get(want.path);
      if (known && Buffer.compare(known.hash, want.hash) === 0) {
        this.#remember(want.path, known);
        pages.set(want.path, known.page);
      } else missing.push(want);
    }
    if (missing.length === 0) return pages;
    const found = await this.#host.getMany(missing.map(({ path }) => this.#key(path)));
    missing.forEach(({ path, hash }, index) => {
      const bytes = found[index];
      if (!bytes || Buffer.compare(hashPage(path, bytes), hash) !== 0) throw pageRefused(path, !bytes);
      const page = decodePage(Uint8Array.from(bytes));
      this.#remember(path, { hash, page });
      pages.set(path, page);
    });
    return pages;
  }

  #remember(path: string, known: KnownPage): void {
    this.#cache.delete(path);
    this.#cache.set(path, known);
    if (this.#cache.size > this.#cachePages) this.#cache.delete(this.#cache.keys().next().value ?? '');
  }

  #key(path: string): string {
    return `${this.#prefix}.p${path}`;
  }
}

/** Binary search. */
function findEntry(entries: readonly IndexEntry[], id: Uint8Array): IndexEntry | null {
  let low = 0;
  let high = entries.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const entry = entries[middle];
    const order = entry ? Buffer.compare(entry.id, id) : 0;
    if (order === 0) return entry ?? null;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}

function groupByDigit<T extends { id: Uint8Array }>(items: readonly T[], depth: number): T[][] {
  const groups: T[][] = Array.from({ length: 16 }, () => []);
  for (const item of items) groups[digitAt(item.id, depth)]?.push(item);
  return groups;
}

function merge(before: readonly IndexEntry[], changes: readonly IndexChange[]): IndexEntry[] {
  const changed = (entry: IndexEntry) => changes.some(({ id }) => Buffer.compare(id, entry.id) === 0);
  const added = changes.flatMap(({ entry }) => (entry ? [entry] : []));
  return [...before.filter((entry) => !changed(entry)), ...added].sort((a, b) => Buffer.compare(a.id, b.id));
}

function pageRefused(path: string, isMissing: boolean): TeeError {
  return new TeeError('ERR_SEAL_TAMPERED', 'A page of the index is not the one that was written.', {
    expected: `the page "${path}" that the root commits to`,
    actual: isMissing ? 'no page' : 'another page',
    hint: 'The host changed, lost or turned back its copy: restore the whole store from one moment.',
  });
}
