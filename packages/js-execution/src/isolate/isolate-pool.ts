import { TeeError } from '@neo-service-layer/tee-interface';
import { isolatePrograms } from '../built-files.ts';
import type { HostServices } from '../capabilities/host-services.ts';
import { failure, texts } from '../engine/verdicts.ts';
import type { Outcome } from '../outcome.ts';
import { FairQueue } from '../pool/fair-queue.ts';
import type { EngineStats, GuestCall, SandboxEngine } from '../sandbox-engine.ts';
import { hashOfFiles } from './hash-of-files.ts';
import { IsolateJob } from './isolate-job.ts';
import type { ProcessFiles } from './isolate-line.ts';
import { IsolateSupervisor } from './isolate-supervisor.ts';
import { findIsolatedVm } from './isolated-vm.ts';
import { StartBackoff } from './start-backoff.ts';

/** How an {@link IsolatePool} is made. */
export interface IsolatePoolOptions {
  /** Processes that serve a tenant at the same time; one more stands ready for the next. */
  processes: number;
  /** Calls that may wait; the next one is refused. */
  queueLength: number;
  /** The program of a process. Default: that of the package. */
  program?: URL;
}

/**
 * The engine `v8-isolate`: V8 isolates by isolated-vm, a new one for each call, in processes that are ended by SIGKILL when
 * a call does not stop. A process serves one tenant, up to four calls at a time, and is replaced when another tenant
 * needs its place. There is no gas and no limit of the stack.
 */
export class IsolatePool implements SandboxEngine {
  readonly id = 'v8-isolate';
  /** Over isolated-vm, the main module of the process, prelude and stripper; the modules that the process imports are not in it. */
  readonly codeHash: string;
  readonly #options: IsolatePoolOptions;
  readonly #files: ProcessFiles;
  readonly #queue = new FairQueue<IsolateJob>();
  readonly #processes = new Set<IsolateSupervisor>();
  readonly #counts = { calls: 0, failures: 0, replacedWorkers: 0 };
  #closed = false;
  readonly #backoff = new StartBackoff();

  private constructor(options: IsolatePoolOptions, files: ProcessFiles, codeHash: string) {
    this.#options = options;
    this.#files = files;
    this.codeHash = codeHash;
  }

  /**
   * Finds isolated-vm. The first process is started with the first call.
   *
   * @throws TeeError ERR_JS_ENGINE_MISSING when it is not installed
   */
  static async start(options: IsolatePoolOptions): Promise<IsolatePool> {
    const { main, binary } = findIsolatedVm();
    const { process: program, prelude, stripper } = isolatePrograms();
    const codeHash = await hashOfFiles([binary, main, program, prelude, stripper]);
    return new IsolatePool(options, { program: options.program ?? program, addon: main }, codeHash);
  }

  async call(call: GuestCall, services: HostServices, signal?: AbortSignal): Promise<Outcome> {
    if (this.#closed) throw new TeeError('ERR_DISPOSED', 'The sandbox was closed.');
    const aborted = failure('ERR_JS_ABORTED', texts.aborted);
    if (signal?.aborted) return aborted;
    if (this.#queue.length >= this.#options.queueLength && !this.#hasRoom(call.tenant)) {
      throw new TeeError('ERR_BUSY', 'All sandboxes are busy and the queue is full.', {
        expected: `at most ${this.#options.queueLength} calls waiting`,
        hint: 'Repeat the call later.',
      });
    }
    const outcome = await new Promise<Outcome>((resolve) => {
      const abort = () => this.#abort(job, aborted);
      const job = new IsolateJob(call, services, (ended) => {
        signal?.removeEventListener('abort', abort);
        resolve(ended);
      });
      signal?.addEventListener('abort', abort);
      this.#queue.push(call.tenant, job);
      this.#dispatch();
    });
    this.#counts.calls += 1;
    if (outcome.status === 'failed') this.#counts.failures += 1;
    return outcome;
  }

  stats(): EngineStats {
    const processes = [...this.#processes];
    const serving = processes.filter(({ tenant }) => tenant !== null).length;
    return {
      ...this.#counts,
      workers: serving,
      spareWorkers: processes.length - serving,
      busy: processes.reduce((sum, { running }) => sum + running, 0),
      waiting: 0,
      queued: this.#queue.length,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#backoff.end();
    for (const job of this.#queue.drain()) job.close();
    const processes = [...this.#processes];
    for (const process of processes) process.kill();
    await Promise.all(processes.map((process) => process.exited()));
  }

  #abort(job: IsolateJob, aborted: Outcome): void {
    this.#queue.remove(job.call.tenant, job);
    job.settle(aborted);
    for (const process of this.#processes) process.abort(job);
  }

  /** A call of this tenant would run at once, or as soon as its process is up. */
  #hasRoom(tenant: string): boolean {
    if (this.#queue.length > 0) return false;
    if (this.#serving() < this.#options.processes) return true;
    const serving = [...this.#processes].filter((process) => process.tenant !== null);
    return serving.some((process) => !process.busy || process.hasRoomFor(tenant, false));
  }

  #serving(): number {
    return [...this.#processes].filter(({ tenant }) => tenant !== null).length;
  }

  /**
   * Hands out what can be: tenants in turn, each to its own process. The first one that has none and finds no place
   * ends the round: no call begins after it, so that a process becomes idle and makes place.
   */
  #dispatch(): void {
    if (this.#closed) return;
    for (const process of this.#processes) if (process.worn && !process.busy) process.kill();
    let served = true;
    while (served) {
      served = false;
      for (const [tenant, job] of this.#queue.waiting()) {
        const process = this.#processFor(job);
        if (process !== null) {
          this.#queue.take(tenant);
          process.run(job);
          served = true;
          break;
        }
        if (!this.#owns(tenant)) break;
      }
    }
    this.#restore();
  }

  #owns(tenant: string): boolean {
    return [...this.#processes].some((process) => process.tenant === tenant && process.ready);
  }

  #processFor(job: IsolateJob): IsolateSupervisor | null {
    const candidates = [...this.#processes].filter((process) => process.hasRoomFor(job.call.tenant, job.repeated));
    const own = candidates.find(({ tenant }) => tenant !== null);
    if (own !== undefined) return own;
    if (this.#owns(job.call.tenant)) return null;
    const [fresh] = candidates;
    if (fresh !== undefined && this.#serving() >= this.#options.processes) {
      const idle = [...this.#processes].find(({ tenant, busy, ready }) => tenant !== null && !busy && ready);
      if (idle === undefined) return null;
      idle.kill();
      idle.tenant = null;
    }
    return fresh ?? null;
  }

  /** Starts the process that is missing: one that has served nobody yet stands ready while calls are made. */
  #restore(): void {
    const fresh = [...this.#processes].some(({ tenant, ended }) => tenant === null && !ended);
    if (fresh || this.#closed || this.#backoff.waiting) return;
    const events = {
      free: () => {
        this.#backoff.succeeded();
        this.#dispatch();
      },
      gone: (gone: IsolateSupervisor, lost: readonly IsolateJob[]) => this.#drop(gone, lost),
    };
    this.#processes.add(new IsolateSupervisor(this.#files, events));
  }

  #drop(gone: IsolateSupervisor, lost: readonly IsolateJob[]): void {
    this.#processes.delete(gone);
    for (const job of lost) {
      if (this.#closed) job.close();
      else if (!job.repeatable) job.lose();
      else {
        job.repeated = true;
        this.#queue.unshift(job.call.tenant, job);
      }
    }
    if (this.#closed) return;
    this.#counts.replacedWorkers += 1;
    // One that ended by itself before it was of use would only do so again.
    if (gone.served) this.#dispatch();
    else this.#backoff.failed(() => this.#queue.length > 0 && this.#dispatch());
    if (!this.#backoff.hopeless) return;
    for (const job of this.#queue.drain()) job.settle(failure('ERR_JS_ENGINE_LOST', texts.noWorker));
  }
}
