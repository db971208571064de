const mib = 1024 * 1024;
const lookEveryMs = 20;
/** What a call may take of the process beyond its limit for a moment: V8 notices late, above all with long texts. */
const excess = 7;
/** Room for the process itself. */
const ownBytes = 192 * mib;

/**
 * Looks at the memory of the process while calls run: V8's own limits are no more than a guideline, and a machine that
 * runs out of memory ends whom it likes.
 */
export class MemoryWatch {
  readonly #limits = new Map<number, number>();
  readonly #exceeded: (call: number | null) => void;
  #timer: NodeJS.Timeout | null = null;

  /** @param exceeded hears of it, and of the call if only one runs: otherwise nobody knows whose memory it is */
  constructor(exceeded: (call: number | null) => void) {
    this.#exceeded = exceeded;
  }

  /** A call runs from now on. @param memoryBytes its limit */
  begin(call: number, memoryBytes: number): void {
    this.#limits.set(call, memoryBytes);
    this.#timer ??= setInterval(() => this.#look(), lookEveryMs);
  }

  end(call: number): void {
    this.#limits.delete(call);
    if (this.#limits.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    const limits = [...this.#limits];
    const most = limits.reduce((sum, [, bytes]) => sum + bytes * excess, ownBytes);
    if (process.memoryUsage.rss() <= most) return;
    const [only] = limits;
    this.#exceeded(only !== undefined && limits.length === 1 ? only[0] : null);
  }
}
