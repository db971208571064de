/** Keeps the last bytes of a stream in constant memory, however much passes. */
export class OutputTail {
  readonly #limit: number;
  #chunks: Uint8Array[] = [];
  #held = 0;
  #total = 0;

  /** @param limit bytes kept */
  constructor(limit = 8192) {
    this.#limit = limit;
  }

  push(chunk: Uint8Array): void {
    this.#total += chunk.length;
    // A copy: a slice would keep the whole of a large chunk alive.
    const end = Uint8Array.from(chunk.subarray(Math.max(0, chunk.length - this.#limit)));
    this.#chunks.push(end);
    this.#held += end.length;
    if (this.#held >= 2 * this.#limit) this.#compact();
  }

  /** Bytes seen so far. */
  get total(): number {
    return this.#total;
  }

  /** The end of what was seen, as text; starts with an ellipsis when something is cut off. */
  text(): string {
    this.#compact();
    const [bytes = new Uint8Array(0)] = this.#chunks;
    const text = Buffer.from(bytes).toString('utf8');
    return this.#total > bytes.length ? `…${text}` : text;
  }

  #compact(): void {
    const all = Buffer.concat(this.#chunks);
    const kept = Uint8Array.from(all.subarray(Math.max(0, all.length - this.#limit)));
    this.#chunks = [kept];
    this.#held = kept.length;
  }
}
