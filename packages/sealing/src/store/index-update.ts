import {
  childHash,
  digitAt,
  emptyInner,
  entryAt,
  entryBytes,
  type FramedPage,
  framePage,
  hashPage,
  type IndexChange,
  type IndexEntry,
  isInner,
  isNoPage,
  leafCapacity,
  leafSize,
  lowerBound,
  noPage,
  writeEntry,
} from './index-page.ts';
import type { KnownPage } from './index-pages.ts';

const emptyLeaf = Buffer.alloc(1);

/** Works out what the pages of an index become; writes nothing. */
export class IndexUpdater {
  readonly #pageAt: (path: string, hash: Uint8Array) => Buffer;
  #scratch: Buffer = emptyLeaf;
  /** Pages by their place, null for one that is gone. */
  readonly made: Map<string, KnownPage | null> = new Map();
  /** Entries that were replaced or removed. */
  readonly dropped: IndexEntry[] = [];
  /** Entries more (or fewer) than before. */
  growth = 0;

  /** @param pageAt gives the pages on the way to every change */
  constructor(pageAt: (path: string, hash: Uint8Array) => Buffer) {
    this.#pageAt = pageAt;
  }

  /** Applies changes, whose ids ascend and are all different, below a page; returns its new hash. */
  apply(path: string, hash: Uint8Array, changes: readonly IndexChange[]): Uint8Array {
    if (changes.length === 0) return hash;
    if (isNoPage(hash)) return this.#rewriteLeaf(path, null, changes);
    const page = this.#pageAt(path, hash);
    return isInner(page) ? this.#rewriteInner(path, page, changes) : this.#rewriteLeaf(path, page, changes);
  }

  #rewriteInner(path: string, before: Buffer, changes: readonly IndexChange[]): Uint8Array {
    const page = framePage(path, before.length);
    page.bytes.set(before);
    for (let at = 0; at < changes.length; ) {
      const digit = digitAt(changes[at]?.id ?? noPage, path.length);
      const end = endOfDigit(changes, at, path.length, digit);
      const child = this.apply(path + digit.toString(16), childHash(before, digit), changes.slice(at, end));
      childHash(page.bytes, digit).set(child);
      at = end;
    }
    if (page.bytes.subarray(1).every((byte) => byte === 0)) return this.#remove(path);
    return this.#put(path, page);
  }

  #rewriteLeaf(path: string, before: Buffer | null, changes: readonly IndexChange[]): Uint8Array {
    const merged = this.#merge(before ?? emptyLeaf, changes);
    const size = leafSize(merged);
    this.growth += size - leafSize(before ?? emptyLeaf);
    if (size > 0) return this.#build(path, merged, 0, size);
    return before === null ? noPage : this.#remove(path);
  }

  /** All entries after the changes, in the form of a leaf of any length: good until the next merge. */
  #merge(before: Buffer, changes: readonly IndexChange[]): Buffer {
    const most = before.length + changes.length * entryBytes;
    if (this.#scratch.length < most) this.#scratch = Buffer.allocUnsafe(most * 2);
    const merged = this.#scratch;
    let size = 0;
    let at = 0;
    const keepUpTo = (end: number) => {
      before.copy(merged, offsetOf(size), offsetOf(at), offsetOf(end));
      size += end - at;
      at = end;
    };
    for (const { id, entry } of changes) {
      const { index, isFound } = lowerBound(before, id);
      keepUpTo(index);
      if (isFound) {
        this.dropped.push(entryAt(before, index));
        at += 1;
      }
      if (entry) {
        writeEntry(merged, size, entry);
        size += 1;
      }
    }
    keepUpTo(leafSize(before));
    return merged.subarray(0, offsetOf(size));
  }

  /** A leaf of some of these entries, or an inner page over leaves where there are too many. */
  #build(path: string, entries: Buffer, from: number, to: number): Uint8Array {
    if (to - from <= leafCapacity) {
      const leaf = framePage(path, offsetOf(to - from));
      leaf.bytes[0] = 0;
      entries.copy(leaf.bytes, offsetOf(0), offsetOf(from), offsetOf(to));
      return this.#put(path, leaf);
    }
    const inner = emptyInner(path);
    for (let at = from; at < to; ) {
      const digit = digitAt(entryAt(entries, at).id, path.length);
      let end = at + 1;
      while (end < to && digitAt(entryAt(entries, end).id, path.length) === digit) end += 1;
      childHash(inner.bytes, digit).set(this.#build(path + digit.toString(16), entries, at, end));
      at = end;
    }
    return this.#put(path, inner);
  }

  #put(path: string, page: FramedPage): Uint8Array {
    const hash = hashPage(page);
    this.made.set(path, { hash, bytes: page.bytes });
    return hash;
  }

  #remove(path: string): Uint8Array {
    this.made.set(path, null);
    return noPage;
  }
}

function offsetOf(index: number): number {
  return 1 + index * entryBytes;
}

function endOfDigit(changes: readonly IndexChange[], from: number, depth: number, digit: number): number {
  let end = from + 1;
  for (let next = changes[end]; next && digitAt(next.id, depth) === digit; next = changes[end]) end += 1;
  return end;
}
