import { freshnessUnknown } from '../freshness/rollback.ts';

/** Lets commits happen one after the other, and nothing at all once one of them failed half way. */
export class CommitQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #broken: unknown = null;

  /** Runs an action when every earlier one is over. @throws {TeeError} ERR_SEAL_FRESHNESS_UNKNOWN once it is broken */
  run<T>(action: () => Promise<T>): Promise<T> {
    const run = this.#tail.then(() => {
      this.#requireWhole();
      return action();
    });
    this.#tail = run.catch(() => undefined);
    return run;
  }

  /**
   * Waits for what is queued now.
   * @returns asks whether anything was queued since
   * @throws {TeeError} ERR_SEAL_FRESHNESS_UNKNOWN once it is broken
   */
  async settled(): Promise<() => boolean> {
    const tail = this.#tail;
    await tail;
    this.#requireWhole();
    return () => this.#tail !== tail;
  }

  /** Says that a commit may or may not have happened: nothing may be read or written any more. */
  break(cause: unknown): void {
    this.#broken = cause;
  }

  #requireWhole(): void {
    if (this.#broken === null) return;
    throw freshnessUnknown(
      'A commit failed half way; it may or may not have happened.',
      'Open the store again.',
      this.#broken,
    );
  }
}
