import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { HostServices } from '../capabilities/host-services.ts';
import { failure, texts } from '../engine/verdicts.ts';
import type { Outcome } from '../outcome.ts';
import type { GuestCall } from '../sandbox-engine.ts';
import type { LineAnswer, LineRequest } from '../worker/port-line.ts';
import type { WorkerLine, WorkerReply, WorkerStart } from '../worker/worker-messages.ts';

/**
 * How long after a call's deadline its thread is ended by force. The engine looks at the clock itself; only a guest
 * inside one long step, or an engine gone wrong, gets so far.
 */
const graceMs = 250;

/**
 * What V8 may take in a worker. The code range (512 MiB of address space by default) and the heap are far beyond need
 * in an enclave; the stack must hold the engine's recursion, of which the guest's stack limit is only a part.
 */
const resourceLimits = { codeRangeSizeMb: 16, stackSizeMb: 4, maxOldGenerationSizeMb: 64 };

interface Running {
  settle(outcome: Outcome): void;
  watchdog: NodeJS.Timeout;
  services: HostServices;
  /** Requests of the guest's that have no answer yet. */
  open: number;
}

/** What a thread tells its owner. */
export interface ThreadEvents {
  /** It had started and has ended, for whatever reason, after its call was settled. One that never started only rejects {@link SandboxThread.started}. */
  gone(thread: SandboxThread): void;
  /** Its guest has begun or ended waiting for the host. */
  waiting(thread: SandboxThread): void;
}

/** One worker thread that runs one call at a time. Once ended it stays so; the pool starts another. */
export class SandboxThread {
  readonly #worker: Worker;
  readonly #events: ThreadEvents;
  readonly #line: MessagePort;
  readonly #bell = new Int32Array(new SharedArrayBuffer(4));
  #calls = 0;
  #running: Running | null = null;
  #ready: { resolve(): void; reject(error: Error): void } | null = null;
  #alive = true;
  #ending = false;

  constructor(url: URL, start: WorkerStart, events: ThreadEvents) {
    this.#events = events;
    const { port1, port2 } = new MessageChannel();
    this.#line = port1;
    this.#worker = new Worker(url, {
      workerData: { ...start, port: port2, bell: this.#bell } satisfies WorkerStart & WorkerLine,
      transferList: [port2],
      env: {},
      execArgv: [],
      stdin: false,
      resourceLimits,
      name: 'js-sandbox',
    });
    this.#worker.on('message', (message: WorkerReply) => this.#receive(message));
    this.#worker.on('error', (error) => this.#lose(error));
    this.#worker.on('exit', () => this.#lose(new Error('the worker thread ended')));
    this.#line.on('message', (request: LineRequest) => void this.#answer(request));
    // An idle pool keeps no process alive.
    this.#line.unref();
    this.#worker.unref();
  }

  get busy(): boolean {
    return this.#running !== null;
  }

  /** True when its guest waits for the host. */
  get waiting(): boolean {
    return this.#running !== null && this.#running.open > 0;
  }

  /** True when it takes no more calls. */
  get ending(): boolean {
    return this.#ending || !this.#alive;
  }

  /** Resolves when the thread takes calls; rejects when it ends before. */
  started(): Promise<void> {
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#ready = { resolve, reject };
    });
  }

  /** Runs a call. Never rejects. */
  run(call: GuestCall, services: HostServices): Promise<Outcome> {
    return new Promise((settle) => {
      const watchdog = setTimeout(() => this.#overdue(), call.limits.timeoutMs + graceMs);
      this.#running = { settle, watchdog, services, open: 0 };
      this.#calls += 1;
      this.#worker.ref();
      this.#worker.postMessage(call);
      call.payload.fill(0);
    });
  }

  /** Ends the thread; a call it runs ends with `outcome`. */
  async end(outcome: Outcome): Promise<void> {
    this.#ending = true;
    this.#settle(outcome);
    await this.#worker.terminate();
  }

  #receive(message: WorkerReply): void {
    if (message.ready) {
      this.#ready?.resolve();
      this.#ready = null;
      if (!this.busy) this.#worker.unref();
    } else {
      this.#settle(message.outcome);
    }
  }

  async #answer({ call, id, name, json }: LineRequest): Promise<void> {
    const running = this.#running;
    if (running === null || call !== this.#calls) return;
    running.open += 1;
    this.#events.waiting(this);
    const answer = await running.services.answer(name, json);
    if (this.#running !== running) return;
    running.open -= 1;
    this.#line.postMessage({ call, id, json: answer } satisfies LineAnswer);
    Atomics.add(this.#bell, 0, 1);
    Atomics.notify(this.#bell, 0);
    this.#events.waiting(this);
  }

  #settle(outcome: Outcome): void {
    const running = this.#running;
    if (running === null) return;
    this.#running = null;
    clearTimeout(running.watchdog);
    running.services.end();
    this.#worker.unref();
    running.settle(outcome);
  }

  /** A main thread that was itself held up finds the answer already waiting: let it in before judging. */
  #overdue(): void {
    const running = this.#running;
    setImmediate(() => {
      if (running !== null && this.#running === running) void this.end(failure('ERR_JS_TIMEOUT', texts.timeout));
    });
  }

  #lose(error: Error): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#line.close();
    this.#settle(failure('ERR_JS_ENGINE_LOST', texts.trapped));
    if (this.#ready === null) this.#events.gone(this);
    else this.#ready.reject(error);
  }
}
