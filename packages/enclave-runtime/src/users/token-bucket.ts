/** So much in a minute, all at once or evenly; what was overdrawn has to come back first. */
export class TokenBucket {
  readonly #perMinute: number;
  #level: number;
  #at: number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(perMinute: number, now: number) {
    this.#perMinute = perMinute;
    this.#level = perMinute;
    this.#at = now;
  }

  /** Milliseconds until something can be taken; 0 when it can be now. Infinity when it never can. */
  waitMs(now: number): number {
    this.#fill(now);
    if (this.#level > 0) return 0;
    return ((1 - this.#level) / this.#perMinute) * 60_000;
  }

  /** Takes some; more than there is makes the next wait longer. */
  take(amount: number): void {
    this.#level -= amount;
  }

  /** True when nothing is missing. */
  isFull(now: number): boolean {
    this.#fill(now);
    return this.#level >= this.#perMinute;
  }

  #fill(now: number): void {
    this.#level = Math.min(this.#perMinute, this.#level + ((now - this.#at) / 60_000) * this.#perMinute);
    this.#at = now;
  }
}
