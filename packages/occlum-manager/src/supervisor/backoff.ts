/** How long to pause before a restart, and when to give up. */
export interface RestartPolicy {
  /** Pause before the first restart; default 200 ms. It doubles with each further one. */
  firstMs: number;
  /** The pause never grows beyond this; default 30 s. */
  maxMs: number;
  /** A program that was ready this long starts again with the first pause; default 60 s. */
  stableMs: number;
  /** This many ends within `loopWithinMs` are a crash loop, which is not restarted; default 5. */
  loopEnds: number;
  /** Default 5 minutes. */
  loopWithinMs: number;
}

/** The policy when nothing else is said. */
export const defaultRestartPolicy: RestartPolicy = {
  firstMs: 200,
  maxMs: 30_000,
  stableMs: 60_000,
  loopEnds: 5,
  loopWithinMs: 300_000,
};

/** Keeps count of a program's ends and decides what follows each. */
export class Backoff {
  readonly #policy: RestartPolicy;
  #ends: number[] = [];
  #pause: number;

  constructor(policy: RestartPolicy) {
    this.#policy = policy;
    this.#pause = policy.firstMs;
  }

  /**
   * Takes note of an end.
   *
   * @param now milliseconds on any clock that does not jump
   * @param readyMs how long the program had been ready
   * @param blameless true: what ended it says nothing against it (a suspend), so it does not count towards a loop
   * @returns milliseconds to pause before the next start, or `crash-loop`
   */
  ended(now: number, readyMs: number, blameless = false): number | 'crash-loop' {
    const { firstMs, maxMs, stableMs, loopEnds, loopWithinMs } = this.#policy;
    if (readyMs >= stableMs) {
      this.#pause = firstMs;
      this.#ends = [];
    }
    this.#ends = this.#ends.filter((at) => now - at < loopWithinMs);
    if (!blameless) this.#ends.push(now);
    if (this.#ends.length >= loopEnds) return 'crash-loop';
    const pause = Math.min(this.#pause, maxMs);
    this.#pause = Math.min(this.#pause * 2, maxMs);
    return pause;
  }
}
