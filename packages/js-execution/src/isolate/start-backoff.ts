/** A process that does not come up is tried again after this, and after twice as long each further time. */
const firstDelayMs = 50;
const longestDelayMs = 5_000;
/** After so many in a row nobody waits for the next. */
const mostFailures = 3;

/** How long to wait before another process is started, after some that did not come up. */
export class StartBackoff {
  #failures = 0;
  #timer: NodeJS.Timeout | null = null;

  /** True while nothing is to be started. */
  get waiting(): boolean {
    return this.#timer !== null;
  }

  /** True when so many failed in a row that calls should not wait any longer. */
  get hopeless(): boolean {
    return this.#failures >= mostFailures;
  }

  /** One came up. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** One did not. @param again is called when the next may be started */
  failed(again: () => void): void {
    this.#failures += 1;
    const delayMs = Math.min(firstDelayMs * 2 ** (this.#failures - 1), longestDelayMs);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      again();
    }, delayMs);
  }

  /** Nothing is started any more. */
  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
