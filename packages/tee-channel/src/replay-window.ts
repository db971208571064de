/** Which sequence numbers a session still accepts. */
export interface SequenceFilter {
  /** True when the number may be used now; call it only for authenticated messages. */
  accept(sequence: number): boolean;
}

/**
 * Accepts every sequence number once, in any order within a window, as IPsec does (RFC 4303 §3.4.3): independent calls
 * may overtake each other on their way, but none is executed twice.
 */
export class ReplayWindow implements SequenceFilter {
  readonly #size: number;
  /** One bit per number of the window, a ring. */
  readonly #seen: Uint32Array;
  #highest = -1;

  /** @param size how far behind the highest number accepted a number may be; a multiple of 32 */
  constructor(size = 1024) {
    this.#size = size;
    this.#seen = new Uint32Array(size / 32);
  }

  accept(sequence: number): boolean {
    if (sequence <= this.#highest - this.#size) return false;
    if (sequence <= this.#highest && this.#isSeen(sequence)) return false;
    // Numbers between the highest so far and this one have not been seen; their bits may be of a round before.
    const fresh = Math.min(sequence - this.#highest, this.#size);
    for (let i = 0; i < fresh; i += 1) this.#set(sequence - i, false);
    this.#set(sequence, true);
    this.#highest = Math.max(this.#highest, sequence);
    return true;
  }

  #isSeen(sequence: number): boolean {
    const bit = sequence % this.#size;
    return (((this.#seen[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
  }

  #set(sequence: number, isSeen: boolean): void {
    const bit = sequence % this.#size;
    const mask = 1 << (bit & 31);
    const word = this.#seen[bit >>> 5] ?? 0;
    this.#seen[bit >>> 5] = isSeen ? word | mask : word & ~mask;
  }
}
