import { failure, texts } from '../engine/verdicts.ts';
import type { Outcome } from '../outcome.ts';
import type { IsolateJob } from './isolate-job.ts';
import { IsolateLine, type ProcessFiles } from './isolate-line.ts';
import type { IsolateReport } from './isolate-messages.ts';

/** How long after a call's deadline its process is ended by force: V8 does not let itself be stopped everywhere. */
const graceMs = 250;
/** Isolates that may live at a time. */
const mostIsolates = 4;
/** Calls after which a process is replaced when it is idle: isolated-vm does not give all memory back. */
const mostCalls = 1_000;
const mib = 1024 * 1024;
/** The messages of a process have this much besides what a call's limits allow. */
const besides = mib;

/** What a process tells the pool. */
export interface SupervisorEvents {
  /** It takes a call, or one more. */
  free(): void;
  /** It has ended. `lost` are the calls that it took along. */
  gone(supervisor: IsolateSupervisor, lost: readonly IsolateJob[]): void;
}

/**
 * One process of the engine, from the parent's side. It belongs to the first tenant whose call it runs and never serves
 * another: V8 does not overwrite what it frees, so a guest that breaks out of its isolate could read what one before it
 * left. It always ends by SIGKILL.
 */
export class IsolateSupervisor {
  tenant: string | null = null;
  readonly #line: IsolateLine;
  readonly #events: SupervisorEvents;
  readonly #jobs = new Map<number, IsolateJob>();
  #calls = 0;
  #ready = false;
  #ended = false;

  constructor(files: ProcessFiles, events: SupervisorEvents) {
    this.#events = events;
    this.#line = new IsolateLine(files, {
      mostBytes: () => Math.max(besides, ...[...this.#jobs.values()].map((job) => besides + job.mostBytes)),
      report: (report) => this.#receive(report),
      end: () => this.#lose(),
    });
    this.#setBusy();
  }

  /** True while it takes calls. */
  get ready(): boolean {
    return this.#ready && !this.#ended;
  }

  /** True once it has run a call, whatever became of it. */
  get served(): boolean {
    return this.#calls > 0;
  }

  /** True when it is being ended, or has. */
  get ended(): boolean {
    return this.#ended;
  }

  get busy(): boolean {
    return this.#jobs.size > 0;
  }

  /** Calls that it runs. */
  get running(): number {
    return this.#jobs.size;
  }

  /** True when it is to be replaced as soon as it is idle. */
  get worn(): boolean {
    return this.#calls >= mostCalls;
  }

  /** True when it may take a call now. @param alone whether no other may run beside it */
  hasRoomFor(tenant: string, alone: boolean): boolean {
    if (!this.ready || this.worn || (this.tenant !== null && this.tenant !== tenant)) return false;
    const single = alone || [...this.#jobs.values()].some((running) => running.repeated);
    return this.#jobs.size < (single ? 1 : mostIsolates);
  }

  /** Runs a call that it has room for. The job is settled when it ends, or named to {@link SupervisorEvents.gone}. */
  run(job: IsolateJob): void {
    this.tenant = job.call.tenant;
    this.#calls += 1;
    job.number = this.#calls;
    this.#jobs.set(job.number, job);
    job.watchdog = setTimeout(() => this.#overdue(job), job.call.limits.timeoutMs + graceMs);
    this.#setBusy();
    this.#line.tell(job.order());
  }

  /** Stops a call of its that is settled already. One that does not stop takes the process with it. */
  abort(job: IsolateJob): void {
    if (this.#jobs.get(job.number) !== job) return;
    this.#line.tell({ kind: 'abort', call: job.number });
    job.watchdog = setTimeout(() => this.#overdue(job), graceMs);
  }

  /** Ends the process. */
  kill(): void {
    this.#ended = true;
    this.#line.kill();
  }

  /** Resolves when the process is no more. */
  exited(): Promise<void> {
    return this.#line.exited;
  }

  #receive(report: IsolateReport | null): void {
    // Being ended: what it still says is not heard.
    if (this.#ended) return;
    if (report === null) {
      this.kill();
    } else if (report.kind === 'ready') {
      this.#ready = true;
      this.#setBusy();
      this.#events.free();
    } else if (report.kind === 'outcome') {
      this.#finish(report.call, report.outcome);
    } else if (report.kind === 'request') {
      void this.#answer(report.call, report.id, report.name, report.json);
    } else {
      const job = report.call === null ? undefined : this.#jobs.get(report.call);
      job?.settle(failure('ERR_JS_MEMORY', texts.memory));
      this.kill();
    }
  }

  #finish(call: number, outcome: Outcome): void {
    const job = this.#jobs.get(call);
    if (job === undefined) return;
    // It keeps to limits by itself, unless a guest has taken it over.
    if (!job.allows(outcome)) {
      this.kill();
      return;
    }
    this.#release(job);
    job.settle(outcome);
    this.#events.free();
  }

  async #answer(call: number, id: number, name: string, given: string): Promise<void> {
    const job = this.#jobs.get(call);
    if (job === undefined || job.settled) return;
    if (!job.mayAsk) {
      this.kill();
      return;
    }
    const json = await job.answer(name, given);
    if (this.#jobs.get(call) === job && !job.settled) this.#line.tell({ kind: 'answer', call, id, json });
  }

  /** A main thread that was itself held up finds the outcome already waiting: let it in before judging. */
  #overdue(job: IsolateJob): void {
    setImmediate(() => {
      if (this.#jobs.get(job.number) !== job) return;
      job.settle(failure('ERR_JS_TIMEOUT', texts.timeout));
      this.kill();
    });
  }

  #release(job: IsolateJob | undefined): void {
    if (job === undefined) return;
    this.#jobs.delete(job.number);
    if (job.watchdog !== null) clearTimeout(job.watchdog);
    this.#setBusy();
  }

  /** An idle process keeps no program alive. */
  #setBusy(): void {
    this.#line.hold(!this.#ready || this.#jobs.size > 0);
  }

  #lose(): void {
    this.#ended = true;
    const lost = [...this.#jobs.values()];
    for (const job of lost) this.#release(job);
    this.#events.gone(this, lost);
  }
}
