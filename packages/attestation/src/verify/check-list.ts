import { TeeError, type VerdictCheck } from '@neo-service-layer/tee-interface';

/** Collects the checks of a verification in order. Only a {@link TeeError} is a failed check; other errors are bugs and pass. */
export class CheckList {
  readonly checks: VerdictCheck[] = [];

  get ok(): boolean {
    return this.checks.every(({ ok }) => ok);
  }

  /**
   * Makes one check: it holds when `body` returns, and fails when it throws.
   * @param detail what is true when it holds
   * @returns what `body` returned, null when it failed
   */
  run<T>(name: string, detail: string | ((value: T) => string), body: () => T): T | null {
    try {
      return this.#pass(name, detail, body());
    } catch (error) {
      return this.#fail(name, error);
    }
  }

  /** {@link run} for a check that takes a promise. */
  async runAsync<T>(name: string, detail: string | ((value: T) => string), body: () => Promise<T>): Promise<T | null> {
    try {
      return this.#pass(name, detail, await body());
    } catch (error) {
      return this.#fail(name, error);
    }
  }

  add(...checks: readonly VerdictCheck[]): void {
    this.checks.push(...checks);
  }

  /** Whether the check of this name was made and held. */
  held(name: string): boolean {
    return this.checks.some((check) => check.name === name && check.ok);
  }

  #pass<T>(name: string, detail: string | ((value: T) => string), value: T): T {
    // A promise has not held yet: a rejection would go by unseen.
    if (value instanceof Promise) throw new TypeError('A check that takes a promise needs runAsync.');
    const words = typeof detail === 'string' ? detail : detail(value);
    this.checks.push(Object.freeze({ name, ok: true, code: null, detail: words }));
    return value;
  }

  #fail(name: string, error: unknown): null {
    if (!(error instanceof TeeError)) throw error;
    this.checks.push(Object.freeze(failedCheck(name, error)));
    return null;
  }
}

/** The check that an error stands for. */
function failedCheck(name: string, error: TeeError): VerdictCheck {
  return {
    name,
    ok: false,
    code: error.code,
    detail: error.message,
    ...(error.expected === undefined ? {} : { expected: error.expected }),
    ...(error.actual === undefined ? {} : { found: error.actual }),
  };
}
