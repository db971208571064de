import { TeeError } from '@neo-service-layer/tee-interface';
import { failure, texts } from '../engine/verdicts.ts';
import type { Outcome } from '../outcome.ts';
import type { EngineStats, GuestCall, SandboxEngine } from '../sandbox-engine.ts';
import type { WorkerStart } from '../worker/worker-messages.ts';
import { FairQueue } from './fair-queue.ts';
import { SandboxThread } from './sandbox-thread.ts';

/** How a {@link WorkerPool} is made. */
export interface WorkerPoolOptions {
  workers: number;
  /** Calls that may wait; the next one is refused. */
  queueLength: number;
  workerUrl: URL;
  codeHash: string;
  start: WorkerStart;
}

interface Job {
  call: GuestCall;
  settle(outcome: Outcome): void;
  /** The thread that runs it, once one does. */
  thread: SandboxThread | null;
}

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

  private constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.codeHash = options.codeHash;
  }

  /** Starts all workers. @throws TeeError ERR_JS_ENGINE_LOST when they do not come up */
  static async start(options: WorkerPoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options);
    try {
      await Promise.all(Array.from({ length: options.workers }, () => pool.#startThread()));
      return pool;
    } catch (cause) {
      await pool.close();
      throw new TeeError('ERR_JS_ENGINE_LOST', 'The sandbox workers did not start.', {
        hint: 'Too little address space or a wrong workerUrl are the usual causes; see cause.',
        cause,
      });
    }
  }

  async call(call: GuestCall, signal?: AbortSignal): Promise<Outcome> {
    if (this.#closed) throw new TeeError('ERR_DISPOSED', 'The sandbox was closed.');
    if (signal?.aborted) return failure('ERR_JS_ABORTED', texts.aborted);
    if (this.#idle.length === 0 && this.#queue.length >= this.#options.queueLength) {
      throw new TeeError('ERR_BUSY', 'All sandboxes are busy and the queue is full.', {
        expected: `at most ${this.#options.queueLength} calls waiting`,
        hint: 'Repeat the call later.',
      });
    }
    this.#restore();
    const outcome = await this.#enqueue(call, signal);
    this.#counts.calls += 1;
    if (outcome.status === 'failed') this.#counts.failures += 1;
    return outcome;
  }

  stats(): EngineStats {
    const busy = [...this.#threads].filter((thread) => thread.busy).length;
    return { ...this.#counts, workers: this.#threads.size, busy, queued: this.#queue.length };
  }

  async close(): Promise<void> {
    this.#closed = true;
    const lost = failure('ERR_JS_ENGINE_LOST', 'The sandbox was closed.');
    for (const job of this.#queue.drain()) job.settle(lost);
    await Promise.all([...this.#threads].map((thread) => thread.end(lost)));
  }

  #enqueue(call: GuestCall, signal: AbortSignal | undefined): Promise<Outcome> {
    return new Promise((resolve) => {
      const abort = () => {
        const aborted = failure('ERR_JS_ABORTED', texts.aborted);
        if (this.#queue.remove(call.tenant, job)) job.settle(aborted);
        else void job.thread?.end(aborted);
      };
      const job: Job = {
        call,
        thread: null,
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

  #dispatch(): void {
    while (this.#idle.length > 0 && this.#queue.length > 0) {
      const thread = this.#idle.pop();
      const job = this.#queue.shift();
      if (thread !== undefined && job !== undefined) void this.#serve(thread, job);
    }
  }

  async #serve(thread: SandboxThread, job: Job): Promise<void> {
    job.thread = thread;
    const outcome = await thread.run(job.call);
    if (this.#threads.has(thread) && !thread.ending) this.#idle.push(thread);
    this.#dispatch();
    job.settle(outcome);
  }

  async #startThread(): Promise<void> {
    const { workerUrl, start } = this.#options;
    // A replacement finds the engine already optimized by those before it.
    const warmUpMs = this.#counts.replacedWorkers === 0 ? start.warmUpMs : 0;
    const thread = new SandboxThread(workerUrl, { ...start, warmUpMs }, (gone) => this.#drop(gone));
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
    while (this.#threads.size < this.#options.workers && !this.#closed) {
      this.#startThread().catch(() => {
        if (this.#threads.size > 0) return;
        for (const job of this.#queue.drain()) job.settle(failure('ERR_JS_ENGINE_LOST', texts.noWorker));
      });
    }
  }
}
