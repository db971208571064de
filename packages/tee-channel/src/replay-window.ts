/**
 * Accepts every sequence number once, in any order within a window, as IPsec does (RFC 4303 §3.4.3): independent calls
 * may overtake each other on their way, but none is executed twice.
 */
export class ReplayWindow {
  readonly #size: number;
  readonly #seen = new Set<number>();
  #highest = -1;

  /** @param size how far behind the highest number accepted a number may be */
  constructor(size = 1024) {
    this.#size = size;
  }

  /** True once for each number that is not too old; call it only for authenticated messages. */
  accept(sequence: number): boolean {
    if (sequence <= this.#highest - this.#size || this.#seen.has(sequence)) return false;
    this.#seen.add(sequence);
    if (sequence > this.#highest) {
      this.#highest = sequence;
      // Forget what is too old to be accepted anyway; the set never holds more than the window.
      if (this.#seen.size > this.#size) {
        for (const old of this.#seen) if (old <= sequence - this.#size) this.#seen.delete(old);
      }
    }
    return true;
  }
}
