/**
 * Lets what goes by one name run one after another, in the order of asking. A function whose values are pinned to it can so
 * read and write them without another call in between. How many wait is bounded by the quotas of those who ask.
 */
export class FunctionTurns {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs the action when all that asked before under this name have ended, however they ended. */
  async run<Result>(name: string, action: () => Promise<Result>): Promise<Result> {
    const result = (this.#last.get(name) ?? Promise.resolve()).then(action);
    const ended = result.then(
      () => {},
      () => {},
    );
    this.#last.set(name, ended);
    try {
      return await result;
    } finally {
      if (this.#last.get(name) === ended) this.#last.delete(name);
    }
  }

  /** How many names somebody runs under or waits for. */
  get size(): number {
    return this.#last.size;
  }
}
