import { setTimeout as delay } from 'node:timers/promises';
import { isTeeError, TeeError } from '@neo-service-layer/tee-interface';
import { Backoff, defaultRestartPolicy } from './backoff.ts';
import { describe, isBlameless } from './end-reason.ts';
import { launchInTime } from './launch-in-time.ts';
import { defaultProbing, probeUntilLost } from './probe.ts';
import { lostError, Session } from './session.ts';
import type { SupervisorEvent, SupervisorMetrics, SupervisorState } from './supervisor-event.ts';
import type { Supervised, SupervisorOptions } from './supervisor-options.ts';

/**
 * Keeps a program running: starts it, probes it, starts it again with growing pauses when it ends, and gives up on a
 * crash loop. This serves availability only: an enclave that was started again has to be attested again.
 */
export class Supervisor<T extends Supervised> {
  readonly #options: SupervisorOptions<T>;
  readonly #backoff: Backoff;
  readonly #stopping = new AbortController();
  readonly #counts = { starts: 0, lost: 0, startFailures: 0, probeFailures: 0, lostCalls: 0, eventErrors: 0 };
  #state: SupervisorState = 'idle';
  #session: Session<T> | undefined;
  #running: Promise<void> | undefined;
  #waiting: { resolve(session: Session<T>): void; reject(error: TeeError): void }[] = [];
  #lastReason: string | null = null;

  constructor(options: SupervisorOptions<T>) {
    this.#options = options;
    this.#backoff = new Backoff({ ...defaultRestartPolicy, ...options.restart });
  }

  /**
   * Starts the program and resolves when it is ready for the first time.
   *
   * @throws TeeError ERR_ENCLAVE_START on a crash loop, ERR_DISPOSED after stop()
   */
  async start(): Promise<T> {
    this.#running ??= this.#run();
    return (await this.#ready()).program;
  }

  /**
   * Does work with the program, as soon as there is one that is ready.
   *
   * @param options.idempotent true: the work may be done twice, so it is repeated when its enclave is lost
   * @throws TeeError ERR_ENCLAVE_LOST at once when the enclave ends meanwhile; what start() throws; what `work` throws
   */
  async call<R>(work: (program: T) => Promise<R>, options: { idempotent?: boolean } = {}): Promise<R> {
    for (;;) {
      const session = await this.#ready();
      try {
        return await session.call(work);
      } catch (error) {
        const lost = isTeeError(error) && error.code === 'ERR_ENCLAVE_LOST';
        if (!lost || options.idempotent !== true) throw error;
        // The work may have noticed before this supervisor did.
        await this.#end(session);
      }
    }
  }

  /** Ends the program and stays so. Calls in flight fail with ERR_DISPOSED. */
  async stop(): Promise<void> {
    this.#running ??= Promise.resolve();
    this.#stopping.abort();
    await this.#running;
    this.#state = 'stopped';
    this.#settle(undefined, stopped());
  }

  /** What has happened so far. */
  metrics(): SupervisorMetrics {
    return {
      ...this.#counts,
      state: this.#state,
      calls: this.#session?.calls ?? 0,
      lastReason: this.#lastReason,
    };
  }

  async #run(): Promise<void> {
    for (let attempt = 1; !this.#stopping.signal.aborted; attempt += 1) {
      this.#enter('starting', { event: 'starting', attempt });
      const { readyMs, blameless } = await this.#live();
      if (this.#stopping.signal.aborted) break;
      const pause = this.#backoff.ended(performance.now(), readyMs, blameless);
      if (pause === 'crash-loop') {
        this.#enter('crash-loop', { event: 'crash-loop', reason: this.#lastReason ?? '' });
        this.#settle(undefined, this.#crashLoop());
        return;
      }
      this.#enter('waiting', { event: 'restarting', inMs: pause });
      await delay(pause, undefined, { signal: this.#stopping.signal }).catch(() => {});
    }
    this.#enter('stopped', { event: 'stopped' });
  }

  /** One life of the program. @returns how long it was ready, in milliseconds, and whether its end was no fault of it */
  async #live(): Promise<{ readyMs: number; blameless: boolean }> {
    const began = performance.now();
    this.#counts.starts += 1;
    let program: T;
    try {
      const { launch, readyWithinMs = 120_000 } = this.#options;
      program = await launchInTime(launch, readyWithinMs, this.#stopping.signal);
    } catch (error) {
      this.#lastReason = describe(error);
      this.#counts.startFailures += 1;
      this.#tell({ event: 'start-failed', reason: this.#lastReason });
      return { readyMs: 0, blameless: false };
    }
    const ready = performance.now();
    const session = new Session(program);
    this.#session = session;
    this.#enter('ready', { event: 'ready', afterMs: ready - began });
    this.#settle(session, stopped());
    const end = await this.#untilLost(session);
    const reason = end === null ? null : describe(end.how);
    this.#session = undefined;
    const readyMs = performance.now() - ready;
    if (reason === null) {
      session.lose(stopped());
    } else {
      this.#lastReason = reason;
      this.#counts.lost += 1;
      this.#counts.lostCalls += session.lose(lostError(reason));
      this.#tell({ event: 'lost', reason, readyMs });
    }
    // Also one that has ended: what it leaves behind must not meet its successor.
    await Promise.resolve()
      .then(() => program.stop())
      .catch(() => {});
    session.finish();
    return { readyMs, blameless: end !== null && (this.#options.blameless ?? isBlameless)(end.how) };
  }

  /** Resolves with how the program was lost, with null when this supervisor is stopped. */
  async #untilLost({ program, reported }: Session<T>): Promise<{ how: unknown } | null> {
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.#stopping.signal]);
    const { probe, probing } = this.#options;
    const aborted = new Promise<null>((resolve) => {
      if (signal.aborted) resolve(null);
      signal.addEventListener('abort', () => resolve(null), { once: true });
    });
    const ended = (how: unknown): { how: unknown } => ({ how });
    const lives: Promise<{ how: unknown } | null>[] = [
      program.exited.then(ended, ended),
      reported.then(ended),
      aborted,
    ];
    if (probe !== undefined) {
      const onFailure = (reason: string, inSequence: number): void => {
        this.#counts.probeFailures += 1;
        this.#tell({ event: 'probe-failed', reason, inSequence });
      };
      const ask = (): Promise<unknown> => probe(program);
      const failed = probeUntilLost(ask, { ...defaultProbing, ...probing }, signal, onFailure);
      lives.push(failed.then((reason) => (reason === null ? null : { how: reason })));
    }
    try {
      return await Promise.race(lives);
    } finally {
      over.abort();
    }
  }

  /** The session that is ready, or the next one that will be. */
  #ready(): Promise<Session<T>> {
    if (this.#session !== undefined) return Promise.resolve(this.#session);
    if (this.#state === 'crash-loop') return Promise.reject(this.#crashLoop());
    if (this.#stopping.signal.aborted) return Promise.reject(stopped());
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Resolves when a session that somebody found lost is not the current one any more. */
  async #end(session: Session<T>): Promise<void> {
    session.report('a call found it lost');
    await session.over;
  }

  #settle(session: Session<T> | undefined, otherwise: TeeError): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve, reject } of waiting) session === undefined ? reject(otherwise) : resolve(session);
  }

  #enter(state: SupervisorState, event: SupervisorEvent): void {
    this.#state = state;
    this.#tell(event);
  }

  #tell(event: SupervisorEvent): void {
    try {
      this.#options.onEvent?.(event);
    } catch {
      this.#counts.eventErrors += 1;
    }
  }

  #crashLoop(): TeeError {
    return new TeeError('ERR_ENCLAVE_START', `The enclave ends again and again: ${this.#lastReason ?? ''}`, {
      hint: 'It is not started any more. Repair the cause and make a new supervisor.',
    });
  }
}

function stopped(): TeeError {
  return new TeeError('ERR_DISPOSED', 'The supervisor was stopped.');
}
