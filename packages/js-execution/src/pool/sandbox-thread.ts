import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { HostServices } from '../capabilities/host-services.ts';
import { failure, texts } from '../engine/verdicts.ts';
import type { Outcome } from '../outcome.ts';
import type { GuestCall } from '../sandbox-engine.ts';
import { decide, type LineAnswer, type LineRequest } from '../worker/port-line.ts';
import type { WorkerLine, WorkerReply, WorkerRequest, WorkerStart } from '../worker/worker-messages.ts';
import { finishTask, type ThreadTask } from './thread-task.ts';

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

/** What a thread tells its owner. */
export interface ThreadEvents {
  /** It had started and has ended, for whatever reason, after its call was settled. One that never started only rejects {@link SandboxThread.started}. */
  gone(thread: SandboxThread): void;
  /** Its guest has begun or ended waiting for the host. */
  waiting(thread: SandboxThread): void;
}

/**
 * One worker thread that runs one call at a time. A second one may be handed to it in advance, so that it does not have to
 * fall asleep and be woken in between; until the worker has taken that up, it can be had back. Once ended a thread stays
 * so; the pool starts another.
 */
export class SandboxThread {
  readonly #worker: Worker;
  readonly #events: ThreadEvents;
  readonly #line: MessagePort;
  /** Shared with the worker: the bell of its line, and the number of the last call that was decided ({@link decide}). */
  readonly #cells = new Int32Array(new SharedArrayBuffer(8));
  #calls = 0;
  #running: ThreadTask | null = null;
  #next: ThreadTask | null = null;
  #ready: { resolve(): void; reject(error: Error): void } | null = null;
  #alive = true;
  #ending = false;

  constructor(url: URL, start: WorkerStart, events: ThreadEvents) {
    this.#events = events;
    const { port1, port2 } = new MessageChannel();
    this.#line = port1;
    this.#worker = new Worker(url, {
      workerData: { ...start, port: port2, cells: this.#cells } satisfies WorkerStart & WorkerLine,
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

  /** True when a second call was handed to it. */
  get loaded(): boolean {
    return this.#next !== null;
  }

  /** Runs a call, after the one that is running. Never rejects. @returns null when the call was given back */
  run(call: GuestCall, services: HostServices): Promise<Outcome | null> {
    return new Promise((settle) => {
      this.#calls += 1;
      const number = this.#calls;
      const task = { number, call, services, settle, watchdog: null, open: 0, asked: false };
      if (this.#running === null) this.#begin(task);
      else this.#next = task;
      this.#worker.postMessage({ number, call } satisfies WorkerRequest);
    });
  }

  /** Takes the second call back, unless the worker has just taken it up. */
  giveBack(): void {
    const task = this.#next;
    if (task === null || !decide(this.#cells, task.number)) return;
    this.#next = null;
    task.settle(null);
  }

  /** Gives a call of this thread up: one that runs takes the thread with it. */
  abort(call: GuestCall, outcome: Outcome): void {
    if (this.#running?.call === call) {
      void this.end(outcome);
    } else if (this.#next?.call === call) {
      this.giveBack();
      // Taken up just now: it will be the running one as soon as the answer before it was received.
      if (this.#next !== null) setImmediate(() => this.abort(call, outcome));
    }
  }

  /** Ends the thread; a call it runs ends with `outcome`, a second one is given back. */
  async end(outcome: Outcome): Promise<void> {
    this.#ending = true;
    this.#settle(outcome);
    await this.#worker.terminate();
  }

  #begin(task: ThreadTask): void {
    task.watchdog = setTimeout(() => this.#overdue(task), task.call.limits.timeoutMs + graceMs);
    this.#running = task;
    this.#worker.ref();
  }

  #receive(message: WorkerReply): void {
    if (message.ready) {
      this.#ready?.resolve();
      this.#ready = null;
      if (!this.busy) this.#worker.unref();
    } else if (message.number === this.#running?.number) {
      this.#settle(message.outcome);
    }
  }

  async #answer({ call, id, name, json }: LineRequest): Promise<void> {
    // The answer to the call before may still be on its way when a second call asks already.
    const task = [this.#running, this.#next].find((candidate) => candidate?.number === call);
    if (task === undefined || task === null) return;
    task.open += 1;
    task.asked = true;
    this.#events.waiting(this);
    const answer = await task.services.answer(name, json);
    task.open -= 1;
    if (this.#running !== task && this.#next !== task) return;
    this.#line.postMessage({ call, id, json: answer } satisfies LineAnswer);
    Atomics.add(this.#cells, 0, 1);
    Atomics.notify(this.#cells, 0);
    this.#events.waiting(this);
  }

  /** Ends the running call; the next one becomes the running one, or is given back where nothing runs any more. */
  #settle(outcome: Outcome): void {
    const [running, next] = [this.#running, this.#next];
    this.#running = null;
    this.#next = null;
    if (running !== null) finishTask(running, outcome);
    if (next === null) this.#worker.unref();
    else if (!this.ending) this.#begin(next);
    // What it asked for was done: it must not be asked for again.
    else if (next.asked) finishTask(next, failure('ERR_JS_ENGINE_LOST', texts.trapped));
    else next.settle(null);
  }

  /** A main thread that was itself held up finds the answer already waiting: let it in before judging. */
  #overdue(task: ThreadTask): void {
    setImmediate(() => {
      if (this.#running === task) void this.end(failure('ERR_JS_TIMEOUT', texts.timeout));
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
