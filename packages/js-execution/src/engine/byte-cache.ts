interface Cached<Entry> {
  entry: Entry;
  bytes: number;
}

/** Keeps entries up to a number of bytes, the least recently used dropped first. */
export abstract class ByteCache<Entry> {
  /** In order of use: a Map keeps insertion order. */
  readonly #entries = new Map<string, Cached<Entry>>();
  readonly #capacity: number;
  #bytes = 0;

  /** @param capacity bytes that entries and keys may take together; 0 turns the cache off */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Bytes that an entry takes, its key apart. */
  abstract sizeOf(entry: Entry): number;

  /** Bytes in use. */
  get bytes(): number {
    return this.#bytes;
  }

  /** False when nothing is kept: there is no use in making an entry. */
  get enabled(): boolean {
    return this.#capacity > 0;
  }

  find(key: string): Entry | undefined {
    const cached = this.#entries.get(key);
    if (cached === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, cached);
    return cached.entry;
  }

  store(key: string, entry: Entry): void {
    const bytes = this.sizeOf(entry) + key.length * 2;
    if (bytes > this.#capacity || this.#entries.has(key)) return;
    for (const [oldest, { bytes: freed }] of this.#entries) {
      if (this.#bytes + bytes <= this.#capacity) break;
      this.#entries.delete(oldest);
      this.#bytes -= freed;
    }
    this.#entries.set(key, { entry, bytes });
    this.#bytes += bytes;
  }
}
