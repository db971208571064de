import { TeeError } from '@neo-service-layer/tee-interface';

/** One life of a supervised program, and the calls in flight in it. */
export class Session<T> {
  readonly program: T;
  /** Resolves when somebody who works with the program found it lost. */
  readonly reported: Promise<string>;
  /** Resolves when it is over and its program stopped. */
  readonly over: Promise<void>;
  #report: (reason: string) => void = () => {};
  #finish: () => void = () => {};
  readonly #calls = new Set<(error: TeeError) => void>();

  constructor(program: T) {
    this.program = program;
    this.reported = new Promise((resolve) => {
      this.#report = resolve;
    });
    this.over = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** Says that the program is lost, before its own end or a probe does. */
  report(reason: string): void {
    this.#report(reason);
  }

  /** Declares the session over. */
  finish(): void {
    this.#finish();
  }

  /** Calls in flight. */
  get calls(): number {
    return this.#calls.size;
  }

  /** Does work with the program; rejects at once when the program is lost meanwhile, whatever the work does. */
  async call<R>(work: (program: T) => Promise<R>): Promise<R> {
    let leave: (error: TeeError) => void = () => {};
    const lost = new Promise<never>((_, reject) => {
      leave = reject;
    });
    this.#calls.add(leave);
    try {
      return await Promise.race([work(this.program), lost]);
    } finally {
      this.#calls.delete(leave);
    }
  }

  /** Ends all calls in flight with one error. @returns how many there were */
  lose(error: TeeError): number {
    const { size } = this.#calls;
    for (const leave of this.#calls) leave(error);
    return size;
  }
}

/** The error of a call whose enclave ended. */
export function lostError(reason: string): TeeError {
  return new TeeError('ERR_ENCLAVE_LOST', `The enclave was lost: ${reason}`, {
    hint: 'Whether the call had an effect is not known; repeat it only when it may be done twice.',
  });
}
