import { TeeError } from '@neo-service-layer/tee-interface';
import type { HostServices } from '../capabilities/host-services.ts';
import { failure, texts } from '../engine/verdicts.ts';
import type { Outcome } from '../outcome.ts';
import type { EngineStats, GuestCall, SandboxEngine } from '../sandbox-engine.ts';
import type { WorkerStart } from '../worker/worker-messages.ts';
import { FairQueue } from './fair-queue.ts';
import { SandboxThread } from './sandbox-thread.ts';

/** How a {@link WorkerPool} is made. */
export interface WorkerPoolOptions {
  /** Calls that run at the same time. */
  workers: number;
  /** Threads beyond, ready to take the place of one that had to be ended, or of one whose guest waits for the host. */
  spareWorkers: number;
  /** Calls that may wait; the next one is refused. */
  queueLength: number;
  workerUrl: URL;
  codeHash: string;
  start: WorkerStart;
}

interface Job {
  call: GuestCall;
  services: HostServices;
  settle(outcome: Outcome): void;
  /** The thread that has it, once one does. */
  thread: SandboxThread | null;
  aborted: boolean;
}

/** Spare threads are started once the first calls had the processor to themselves. */
const spareAfterMs = 250;
const closed = failure('ERR_JS_ENGINE_LOST', 'The sandbox was closed.');

/** The engine `quickjs-wasm`: QuickJS-ng in WebAssembly, one instance per worker thread. */
export class WorkerPool implements SandboxEngine {
  readonly id = 'quickjs-wasm';
  readonly codeHash: string;
  readonly #options: WorkerPoolOptions;
  readonly #idle: SandboxThread[] = [];
  readonly #threads = new Set<SandboxThread>();
  readonly #queue = new FairQueue<Job>();
  readonly #counts = { calls: 0, failures: 0, replacedWorkers: 0 };
  #closed = false;
  /** How many threads there should be. */
  #wanted: number;
  #spareTimer: NodeJS.Timeout | null = null;

  private constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.codeHash = options.codeHash;
    this.#wanted = options.workers;
  }

  /** Starts all workers; the spare ones come later. @throws TeeError ERR_JS_ENGINE_LOST when they do not come up */
  static async start(options: WorkerPoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options);
    try {
      await Promise.all(Array.from({ length: options.workers }, () => pool.#startThread()));
      pool.#spareTimer = setTimeout(() => pool.#addSpares(), spareAfterMs).unref();
      return pool;
    } catch (cause) {
      await pool.close();
      throw new TeeError('ERR_JS_ENGINE_LOST', 'The sandbox workers did not start.', {
        hint: 'Too little address space or a wrong workerUrl are the usual causes; see cause.',
        cause,
      });
    }
  }

  async call(call: GuestCall, services: HostServices, signal?: AbortSignal): Promise<Outcome> {
    if (this.#closed) throw new TeeError('ERR_DISPOSED', 'The sandbox was closed.');
    if (signal?.aborted) return failure('ERR_JS_ABORTED', texts.aborted);
    if (!this.#hasRoom() && this.#waiting() >= this.#options.queueLength) {
      throw new TeeError('ERR_BUSY', 'All sandboxes are busy and the queue is full.', {
        expected: `at most ${this.#options.queueLength} calls waiting`,
        hint: 'Repeat the call later.',
      });
    }
    this.#restore();
    const outcome = await this.#enqueue(call, services, signal);
    this.#counts.calls += 1;
    if (outcome.status === 'failed') this.#counts.failures += 1;
    return outcome;
  }

  stats(): EngineStats {
    const threads = [...this.#threads].filter((thread) => !thread.ending);
    return {
      ...this.#counts,
      // One that is being ended is as good as replaced.
      replacedWorkers: this.#counts.replacedWorkers + this.#threads.size - threads.length,
      workers: Math.min(threads.length, this.#options.workers),
      spareWorkers: Math.max(threads.length - this.#options.workers, 0),
      busy: threads.filter((thread) => thread.busy).length,
      waiting: threads.filter((thread) => thread.waiting).length,
      queued: this.#waiting(),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#spareTimer !== null) clearTimeout(this.#spareTimer);
    for (const job of this.#queue.drain()) job.settle(closed);
    await Promise.all([...this.#threads].map((thread) => thread.end(closed)));
  }

  #enqueue(call: GuestCall, services: HostServices, signal: AbortSignal | undefined): Promise<Outcome> {
    return new Promise((resolve) => {
      const abort = () => {
        const aborted = failure('ERR_JS_ABORTED', texts.aborted);
        job.aborted = true;
        if (this.#queue.remove(call.tenant, job)) job.settle(aborted);
        else job.thread?.abort(call, aborted);
      };
      const job: Job = {
        call,
        services,
        thread: null,
        aborted: false,
        settle(outcome) {
          signal?.removeEventListener('abort', abort);
          resolve(outcome);
        },
      };
      signal?.addEventListener('abort', abort);
      this.#queue.push(call.tenant, job);
      this.#dispatch();
    });
  }

  /** Calls that do not run yet: in the queue, or handed to a thread in advance. */
  #waiting(): number {
    let ahead = 0;
    for (const thread of this.#threads) if (thread.loaded) ahead += 1;
    return this.#queue.length + ahead;
  }

  #dispatch(): void {
    while (this.#hasRoom() && this.#queue.length > 0) this.#serveNext(this.#idle.pop());
    for (const thread of this.#threads) {
      // What was handed out in advance is had back where something has room for it sooner.
      if (thread.loaded && (thread.waiting || this.#hasRoom())) thread.giveBack();
      const takesMore = thread.busy && !thread.loaded && !thread.waiting && !thread.ending;
      if (takesMore && this.#queue.length > 0) this.#serveNext(thread);
    }
  }

  #serveNext(thread: SandboxThread | undefined): void {
    const job = this.#queue.shift();
    if (thread !== undefined && job !== undefined) void this.#serve(thread, job);
  }

  /** A thread is free, and fewer guests run than may. One that waits for the host does not run. */
  #hasRoom(): boolean {
    if (this.#idle.length === 0) return false;
    let running = 0;
    for (const thread of this.#threads) if (thread.busy && !thread.waiting) running += 1;
    return running < this.#options.workers;
  }

  async #serve(thread: SandboxThread, job: Job): Promise<void> {
    job.thread = thread;
    const outcome = await thread.run(job.call, job.services);
    const free = this.#threads.has(thread) && !thread.ending && !thread.busy;
    if (free && !this.#idle.includes(thread)) this.#idle.push(thread);
    if (outcome !== null) job.settle(outcome);
    else if (job.aborted) job.settle(failure('ERR_JS_ABORTED', texts.aborted));
    else if (this.#closed) job.settle(closed);
    else this.#queue.unshift(job.call.tenant, job);
    this.#dispatch();
  }

  async #startThread(): Promise<void> {
    const { workerUrl, start } = this.#options;
    // A replacement finds the engine already optimized by those before it.
    const warmUpMs = this.#counts.replacedWorkers === 0 ? start.warmUpMs : 0;
    const events = { gone: (gone: SandboxThread) => this.#drop(gone), waiting: () => this.#dispatch() };
    const thread = new SandboxThread(workerUrl, { ...start, warmUpMs }, events);
    this.#threads.add(thread);
    try {
      await thread.started();
    } catch (error) {
      this.#threads.delete(thread);
      throw error;
    }
    this.#idle.push(thread);
    this.#dispatch();
  }

  #addSpares(): void {
    this.#wanted = this.#options.workers + this.#options.spareWorkers;
    this.#restore();
  }

  #drop(gone: SandboxThread): void {
    this.#threads.delete(gone);
    const index = this.#idle.indexOf(gone);
    if (index >= 0) this.#idle.splice(index, 1);
    if (this.#closed) return;
    this.#counts.replacedWorkers += 1;
    this.#restore();
  }

  /** Starts the workers that are missing. One that does not come up is tried again with the next call, not in a loop. */
  #restore(): void {
    while (this.#threads.size < this.#wanted && !this.#closed) {
      this.#startThread().catch(() => {
        if (this.#threads.size > 0) return;
        for (const job of this.#queue.drain()) job.settle(failure('ERR_JS_ENGINE_LOST', texts.noWorker));
      });
    }
  }
}
