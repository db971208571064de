import { performance } from 'node:perf_hooks';
import type { JavaScriptErrorCode, Measurements, Outcome, Thrown, Verdict } from '../outcome.ts';
import type { GuestCall as GuestCallRequest } from '../sandbox-engine.ts';
import { CallLog } from './call-log.ts';
import type { HostPort } from './engine-imports.ts';
import type { GuestEngine } from './guest-engine.ts';
import { StrayRejections } from './stray-rejections.ts';
import { longestDescription, parseThrown, undescribed } from './thrown.ts';
import { failure, texts } from './verdicts.ts';

/** Flag of qjs_eval: compile, do not run. A failure then is one of syntax. */
const compileOnly = 1 << 5;
/** Operations of the prelude (tools/guest/prelude.js). */
const operation = { log: 0, result: 1, notSerializable: 2, resultTooLong: 3, noMain: 4 } as const;
/** What the host's work for one console call costs, in gas; each further 16 bytes of the message cost 1. */
const logPrice = 100;
/** Describing a thrown value has its own allowance: an exhausted function still gets its error told. */
const describeGas = 2_000_000n;
const describeBytes = 1024 * 1024;
const jobsPerClockCheck = 256;

/** One call in one engine, from reset memory to verdict. Everything here is synchronous; the caller owns the engine. */
export class GuestCall implements HostPort {
  readonly #engine: GuestEngine;
  readonly #request: GuestCallRequest;
  readonly #log: CallLog;
  readonly #strays: StrayRejections;
  #deadline = 0;
  #timedOut = false;
  /** The engine trapped: its state means nothing any more. */
  #trapped = false;
  #verdict: Verdict | null = null;

  constructor(engine: GuestEngine, request: GuestCallRequest) {
    this.#engine = engine;
    this.#request = request;
    this.#log = new CallLog(request.limits.logBytes);
    this.#strays = new StrayRejections(engine.exports);
  }

  /** True after {@link run} when the engine must be thrown away. */
  get trapped(): boolean {
    return this.#trapped;
  }

  /** Runs the call. The engine must have been reset before, and must be reset or thrown away afterwards. */
  run(): Outcome {
    const { limits } = this.#request;
    const engine = this.#engine;
    const started = performance.now();
    this.#deadline = started + limits.timeoutMs;
    engine.connect(this);
    engine.exports.gas.value = BigInt(limits.gas);
    const verdict = this.#guarded();
    const gasUsed = Number(BigInt(limits.gas) - engine.exports.gas.value);
    if (!this.#trapped) this.#reportStrays();
    engine.disconnect();
    const measurements: Measurements = {
      gasUsed: Math.min(gasUsed, limits.gas),
      executionTimeMs: performance.now() - started,
      peakMemoryBytes: engine.memoryBytes,
      logs: this.#log.lines,
      droppedLogs: this.#log.dropped,
    };
    return { ...verdict, measurements };
  }

  #guarded(): Verdict {
    const { exports } = this.#engine;
    try {
      this.#prepare();
      const verdict = this.#load() ?? this.#execute();
      // A bulk copy or a host price can take the last gas without another step that would trap.
      return exports.gas.value < 0n ? failure('ERR_JS_GAS', texts.gas) : verdict;
    } catch (error) {
      this.#trapped = true;
      if (exports.gas.value < 0n) return failure('ERR_JS_GAS', texts.gas);
      if (this.#timedOut) return failure('ERR_JS_TIMEOUT', texts.timeout);
      // V8's own limit on the thread's stack, met inside the engine.
      if (error instanceof RangeError) return failure('ERR_JS_STACK', texts.stack);
      if (this.#outOfMemory()) return failure('ERR_JS_MEMORY', texts.memory);
      return failure('ERR_JS_ENGINE_LOST', texts.trapped);
    }
  }

  #prepare(): void {
    const { exports, cells } = this.#engine;
    const { limits, seed } = this.#request;
    exports.qjs_set_memory_limit(limits.memoryBytes);
    exports.qjs_set_max_stack_size(limits.stackBytes);
    cells.setBigUint64(exports.at_random.value, seed, true);
  }

  /** Compiles and evaluates the source, with nothing before it: lines and columns are the user's. */
  #load(): Verdict | null {
    const { exports } = this.#engine;
    const source = new TextEncoder().encode(this.#request.code);
    const address = this.#engine.put(source);
    if (address === 0) return failure('ERR_JS_MEMORY', texts.memory);
    const compiled = exports.qjs_eval(address, source.length, exports.at_file_name.value, compileOnly);
    exports.wasm_free(address);
    if (compiled === 0) return failure('ERR_JS_MEMORY', texts.memory);
    if (exports.qjs_is_exception(compiled) !== 0) return this.#fromException('ERR_JS_SYNTAX');
    const scratch = exports.at_scratch.value;
    const value = this.#engine.cells.getBigInt64(compiled, true);
    const result = exports.JS_EvalFunction(exports.qjs_get_context_ptr(), value);
    this.#engine.cells.setBigInt64(scratch, result, true);
    return exports.qjs_is_exception(scratch) !== 0 ? this.#fromException('ERR_JS_USER') : null;
  }

  #execute(): Verdict {
    const { exports } = this.#engine;
    const payload = this.#takePayload();
    const limit = exports.qjs_new_number(this.#request.limits.resultBytes);
    if (payload === 0 || limit === 0) return failure('ERR_JS_MEMORY', texts.memory);
    const promise = this.#callGuest(exports.at_run.value, [payload, limit]);
    if (promise === 0) return failure('ERR_JS_MEMORY', texts.memory);
    if (exports.qjs_is_exception(promise) !== 0) return this.#fromException('ERR_JS_USER');
    // The host itself looks after this promise: its rejection is no stray.
    exports.qjs_promise_mark_as_handled(promise);
    this.#strays.forget(promise);
    return this.#settle(promise) ?? this.#verdict ?? failure('ERR_JS_ENGINE_LOST', texts.trapped);
  }

  /** Runs promise jobs until `main` has settled. Work it did not wait for is not waited for here either. */
  #settle(promise: number): Verdict | null {
    const { exports } = this.#engine;
    for (let jobs = 1; exports.qjs_promise_state(promise) === 0; jobs += 1) {
      if (exports.qjs_is_job_pending() === 0) {
        return this.#timedOut
          ? failure('ERR_JS_TIMEOUT', texts.timeout)
          : failure('ERR_JS_NEVER_SETTLED', texts.neverSettled);
      }
      const threw = exports.qjs_execute_pending_job() < 0;
      if (jobs % jobsPerClockCheck === 0) this.shouldStop();
      if (this.#timedOut) return failure('ERR_JS_TIMEOUT', texts.timeout);
      if (threw) return this.#fromException('ERR_JS_USER');
    }
    if (exports.qjs_promise_state(promise) === 1) return null;
    return this.#fromThrown(exports.qjs_promise_result(promise), 'ERR_JS_USER');
  }

  /** Moves the arguments into the guest and overwrites the bytes they came in and the copy between. */
  #takePayload(): number {
    const { payload } = this.#request;
    const { exports } = this.#engine;
    const address = this.#engine.put(payload);
    const length = payload.length;
    payload.fill(0);
    if (address === 0) return 0;
    const value = exports.qjs_new_string(address, length);
    this.#engine.bytes.fill(0, address, address + length);
    exports.wasm_free(address);
    return value;
  }

  #callGuest(callee: number, values: readonly number[]): number {
    const { exports } = this.#engine;
    // The first 16 bytes of the scratch area belong to GuestEngine.text.
    const list = exports.at_scratch.value + 16;
    values.forEach((value, index) => {
      this.#engine.cells.setUint32(list + index * 4, value, true);
    });
    return exports.qjs_call(callee, exports.at_undefined.value, values.length, list);
  }

  #fromException(usual: JavaScriptErrorCode): Verdict {
    return this.#fromThrown(this.#engine.exports.qjs_get_exception(), usual);
  }

  /**
   * The class of an exception that left the guest. That the engine ran out of memory or stack is known from counters
   * in the engine; the text only tells whether this exception is the one, or another after a caught one.
   */
  #fromThrown(value: number, usual: JavaScriptErrorCode): Verdict {
    if (this.#timedOut) return failure('ERR_JS_TIMEOUT', texts.timeout);
    const { exports } = this.#engine;
    const thrown = this.#describe(value);
    if (this.#outOfMemory() && (thrown === undescribed || /^(?:out of memory|null)$/.test(thrown.message))) {
      return { ...failure('ERR_JS_MEMORY', texts.memory), thrown };
    }
    const overflows = exports.message_1.value + exports.message_2.value;
    if (overflows > 0 && /^(?:Maximum call stack size exceeded|stack overflow)$/.test(thrown.message)) {
      return { ...failure('ERR_JS_STACK', texts.stack), thrown };
    }
    return { ...failure(usual, usual === 'ERR_JS_SYNTAX' ? texts.syntax : texts.user), thrown };
  }

  #outOfMemory(): boolean {
    const { exports } = this.#engine;
    return exports.message_0.value > 0 || exports.grow_refusals.value > 0;
  }

  #describe(value: number): Thrown {
    const { exports } = this.#engine;
    if (value === 0 || this.#trapped) return undescribed;
    const gas = exports.gas.value;
    exports.gas.value = describeGas;
    exports.qjs_set_memory_limit(this.#request.limits.memoryBytes + describeBytes);
    try {
      const described = this.#callGuest(exports.at_describe.value, [value]);
      if (described === 0 || exports.qjs_is_exception(described) !== 0) return undescribed;
      const text = this.#engine.text(described, longestDescription);
      return typeof text === 'string' ? parseThrown(text) : undescribed;
    } catch {
      this.#trapped = true;
      return undescribed;
    } finally {
      exports.gas.value = gas;
    }
  }

  #reportStrays(): void {
    for (const reason of this.#strays.reasons()) {
      const { name, message } = this.#describe(reason);
      this.#log.add(2, `Unhandled rejection: ${name}: ${message}`);
    }
  }

  // ---- HostPort ----

  now(): number {
    return this.#request.nowMs;
  }

  shouldStop(): boolean {
    if (performance.now() > this.#deadline) this.#timedOut = true;
    return this.#timedOut;
  }

  rejection(promise: number, reason: number, handled: boolean): void {
    this.#strays.note(promise, reason, handled);
  }

  operation(values: readonly number[]): number {
    const { exports } = this.#engine;
    const [kind = 0, first = 0, second = 0] = values;
    switch (exports.qjs_get_float64(kind)) {
      case operation.log:
        return this.#addLog(first, second);
      case operation.result: {
        const { resultBytes } = this.#request.limits;
        const json = this.#engine.text(first, resultBytes);
        if (json === null) return 0;
        this.#verdict =
          typeof json === 'string' ? { status: 'ok', json } : failure('ERR_JS_OUTPUT_LIMIT', texts.outputLimit);
        break;
      }
      case operation.notSerializable: {
        const path = this.#engine.text(first, 4_096);
        const what = this.#engine.text(second, 4_096);
        const refused = { path: typeof path === 'string' ? path : '', what: typeof what === 'string' ? what : '' };
        this.#verdict = { ...failure('ERR_JS_NOT_SERIALIZABLE', texts.notSerializable), refused };
        break;
      }
      case operation.resultTooLong:
        this.#verdict = failure('ERR_JS_OUTPUT_LIMIT', texts.outputLimit);
        break;
      case operation.noMain:
        this.#verdict = failure('ERR_JS_USER', texts.noMain);
        break;
    }
    return exports.qjs_get_false();
  }

  #addLog(level: number, message: number): number {
    const { exports } = this.#engine;
    const { room } = this.#log;
    const text = room < 0 ? 0 : this.#engine.text(message, room);
    if (text === null) return 0;
    const size = typeof text === 'string' ? text.length : 0;
    exports.gas.value -= BigInt(logPrice + (size >> 4));
    if (typeof text === 'string') this.#log.add(exports.qjs_get_float64(level), text);
    else this.#log.drop();
    return this.#log.room < 0 ? exports.qjs_get_true() : exports.qjs_get_false();
  }
}
