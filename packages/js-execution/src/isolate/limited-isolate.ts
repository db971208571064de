import type { JavaScriptLimits } from '../default-limits.ts';
import { failure, texts } from '../engine/verdicts.ts';
import type { Failure } from '../outcome.ts';
import type { Isolate, IsolatedVm } from './isolated-vm.ts';

const mib = 1024 * 1024;
/** The least that isolated-vm takes. */
const leastMemory = 8;

/** What becomes of the isolates of a call. */
export interface IsolateEvents {
  /** V8 cannot go on for lack of memory: the process has to end. */
  exhausted(): void;
  /** The time is over, or the call was given up. */
  stopped(): void;
}

/** The isolates of one call, one after the other, under its limits of time and memory. */
export class LimitedIsolate {
  readonly #limits: JavaScriptLimits;
  readonly #events: IsolateEvents;
  readonly #timer: NodeJS.Timeout;
  #isolate: Isolate | null = null;
  #late = false;
  #stopped = false;

  constructor(limits: JavaScriptLimits, events: IsolateEvents) {
    this.#limits = limits;
    this.#events = events;
    this.#timer = setTimeout(() => {
      this.#late = true;
      this.stop();
    }, limits.timeoutMs);
  }

  /** Makes the next isolate; the one before is gone then. @throws Error when the time is over already */
  open(vm: IsolatedVm): Isolate {
    this.#close();
    if (this.#stopped) throw new Error('stopped');
    const memoryLimit = Math.max(leastMemory, Math.ceil(this.#limits.memoryBytes / mib));
    this.#isolate = new vm.Isolate({ memoryLimit, onCatastrophicError: () => this.#events.exhausted() });
    return this.#isolate;
  }

  /** Why the isolate was stopped, by what the host knows: its own clock, and that V8's limit ended it. Null when it was not. */
  verdict(): Failure | null {
    if (this.#late) return failure('ERR_JS_TIMEOUT', texts.timeout);
    if (!this.#stopped && this.#isolate?.isDisposed === true) return failure('ERR_JS_MEMORY', texts.memory);
    return null;
  }

  /** Bytes that V8 holds for the isolate now, outside its heap included; 0 when it is gone. */
  async memoryBytes(): Promise<number> {
    const isolate = this.#isolate;
    if (isolate === null || isolate.isDisposed) return 0;
    try {
      const { total_heap_size: heap, externally_allocated_size: outside } = await isolate.getHeapStatistics();
      return heap + outside;
    } catch {
      return 0;
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#close();
    this.#events.stopped();
  }

  /** Ends it for good. */
  end(): void {
    clearTimeout(this.#timer);
    this.#close();
  }

  #close(): void {
    if (this.#isolate?.isDisposed === false) this.#isolate.dispose();
  }
}
