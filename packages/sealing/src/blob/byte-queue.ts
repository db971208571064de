/** Bytes that arrive in pieces of any size and leave in pieces of the size that is wanted. */
export class ByteQueue {
  readonly #pieces: Uint8Array[] = [];
  // Bytes of the first piece that have left already.
  #taken = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }

  /** The first `count` bytes (or all, when there are fewer), copied, without removing them. */
  peek(count: number): Uint8Array {
    const out = new Uint8Array(Math.min(count, this.#length));
    let filled = 0;
    let skip = this.#taken;
    for (const piece of this.#pieces) {
      if (filled === out.length) break;
      const part = piece.subarray(skip, skip + out.length - filled);
      out.set(part, filled);
      filled += part.length;
      skip = 0;
    }
    return out;
  }

  /** Removes and returns the first `count` bytes (or all, when there are fewer). */
  take(count: number): Uint8Array {
    const out = this.peek(count);
    let left = out.length;
    this.#length -= left;
    while (left > 0) {
      const available = (this.#pieces[0]?.length ?? 0) - this.#taken;
      if (left < available) {
        this.#taken += left;
        break;
      }
      this.#pieces.shift();
      this.#taken = 0;
      left -= available;
    }
    return out;
  }
}
