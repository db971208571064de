import { performance } from 'node:perf_hooks';
import type { Measurements, Outcome, Verdict } from '../outcome.ts';
import type { GuestCall as GuestCallRequest } from '../sandbox-engine.ts';
import { CallHost } from './call-host.ts';
import { CodeCache, type LoadedCode } from './code-cache.ts';
import type { GuestEngine } from './guest-engine.ts';
import { GuestExceptions } from './guest-exceptions.ts';
import { noLine, type RequestLine } from './host-requests.ts';
import { SourceLoader } from './source-loader.ts';
import { failure, texts } from './verdicts.ts';
import { waitForWorld } from './world-wait.ts';

const jobsPerClockCheck = 256;

/** One call in one engine, from reset memory to verdict. Everything here is synchronous; the caller owns the engine. */
export class GuestCall {
  readonly #engine: GuestEngine;
  readonly #request: GuestCallRequest;
  readonly #cache: CodeCache;
  readonly #host: CallHost;
  readonly #exceptions: GuestExceptions;
  readonly #started = performance.now();
  #trapped = false;

  /** @param line to the main thread, which answers what the guest may ask for; by default there is nobody to answer */
  constructor(engine: GuestEngine, request: GuestCallRequest, cache: CodeCache, line: RequestLine = noLine) {
    this.#engine = engine;
    this.#request = request;
    this.#cache = cache;
    this.#host = new CallHost(engine, request, this.#started + request.limits.timeoutMs, line);
    this.#exceptions = new GuestExceptions(engine, request.limits.memoryBytes, this.#host.desk);
  }

  /** True after {@link run} when the engine must be thrown away. */
  get trapped(): boolean {
    return this.#trapped || this.#exceptions.trapped;
  }

  /** Runs the call. The engine must have been reset before, and must be reset or thrown away afterwards. */
  run(): Outcome {
    const engine = this.#engine;
    const { limits } = this.#request;
    engine.connect(this.#host);
    const verdict = this.#guarded();
    const gasUsed = Number(BigInt(limits.gas) - engine.exports.gas.value);
    if (!this.trapped) this.#reportStrays();
    engine.disconnect();
    const measurements: Measurements = {
      gasUsed: Math.min(gasUsed, limits.gas),
      executionTimeMs: performance.now() - this.#started,
      peakMemoryBytes: engine.memoryBytes,
      logs: this.#host.log.lines,
      droppedLogs: this.#host.log.dropped,
    };
    const { missing } = this.#host;
    return verdict.status === 'ok'
      ? { ...verdict, measurements }
      : { ...verdict, measurements, missing: { ...missing } };
  }

  /** Only evaluates the source. @returns the entry, or why there is none */
  load(): number | Verdict {
    this.#engine.connect(this.#host);
    this.#prepare(0n);
    const loaded = this.#load();
    this.#engine.disconnect();
    return loaded;
  }

  #guarded(): Verdict {
    const { exports } = this.#engine;
    let verdict: Verdict;
    try {
      verdict = this.#loadAndExecute();
    } catch (error) {
      this.#trapped = true;
      verdict = this.#classifyTrap(error);
    }
    // A bulk copy or a host price can take the last gas without another step that would trap.
    if (exports.gas.value < 0n) return failure('ERR_JS_GAS', texts.gas);
    // An interrupted guest has thrown something or stopped half-way: what it left is no verdict.
    return this.#host.timedOut ? failure('ERR_JS_TIMEOUT', texts.timeout) : verdict;
  }

  #classifyTrap(error: unknown): Verdict {
    // V8's own limit on the thread's stack, met inside the engine.
    if (error instanceof RangeError) return failure('ERR_JS_STACK', texts.stack);
    if (this.#exceptions.outOfMemory) return failure('ERR_JS_MEMORY', texts.memory);
    return failure('ERR_JS_ENGINE_LOST', texts.trapped);
  }

  #loadAndExecute(): Verdict {
    const key = CodeCache.key(this.#request);
    const cached = this.#cache.find(key);
    // With less gas than evaluating takes, evaluating is what has to fail.
    if (cached !== undefined && cached.gas <= BigInt(this.#request.limits.gas)) {
      this.#engine.apply(cached.patches);
      this.#prepare(cached.gas);
      return this.#execute(cached.entry);
    }
    this.#prepare(0n);
    const loaded = this.#load();
    if (typeof loaded !== 'number') return loaded;
    this.#remember(key, loaded);
    return this.#execute(loaded);
  }

  #load(): number | Verdict {
    const { exports } = this.#engine;
    if (this.#request.capabilities.includes('eval')) this.#engine.call(exports.at_allowEval.value, []);
    // Both names are of one length, so the other one fits where the image has `main.js`.
    if (this.#request.mainFile !== undefined) {
      this.#engine.bytes.set(new TextEncoder().encode(this.#request.mainFile), exports.at_file_name.value);
    }
    const settle = (promise: number): Verdict | null => this.#settle(promise);
    return new SourceLoader(this.#engine, this.#request, this.#exceptions, settle).load();
  }

  /** Sets what memory holds of the limits, and what is this call's own: gas and the seed of Math.random. */
  #prepare(gasSpent: bigint): void {
    const { exports, cells } = this.#engine;
    const { limits, seed } = this.#request;
    exports.gas.value = BigInt(limits.gas) - gasSpent;
    exports.qjs_set_memory_limit(limits.memoryBytes);
    exports.qjs_set_max_stack_size(limits.stackBytes);
    // Most calls end before they make garbage worth looking for; a quarter of the limit leaves room to find it in time.
    exports.qjs_set_gc_threshold(limits.memoryBytes >>> 2);
    cells.setBigUint64(exports.at_random.value, seed, true);
  }

  /** Keeps the evaluated source, if evaluating it again would give the same: it saw no clock, no chance, and said nothing. */
  #remember(key: string, entry: number): void {
    if (!this.#cache.enabled) return;
    const { exports, cells } = this.#engine;
    const host = this.#host;
    const pure = !host.clockRead && cells.getBigUint64(exports.at_random.value, true) === this.#request.seed;
    const silent = host.log.lines.length === 0 && host.log.dropped === 0 && host.strays.reasons().length === 0;
    if (!pure || !silent || this.#exceptions.outOfMemory) return;
    const patches = this.#engine.difference();
    const gas = BigInt(this.#request.limits.gas) - exports.gas.value;
    const code: LoadedCode | null = patches === null ? null : { patches, gas, entry };
    if (code !== null) this.#cache.store(key, code);
  }

  #execute(entry: number): Verdict {
    const { exports } = this.#engine;
    const payload = this.#takePayload();
    const limit = exports.qjs_new_number(this.#request.limits.resultBytes);
    if (payload === 0 || limit === 0) return failure('ERR_JS_MEMORY', texts.memory);
    const promise = this.#engine.call(exports.at_run.value, [payload, limit, entry]);
    if (promise === 0) return failure('ERR_JS_MEMORY', texts.memory);
    if (exports.qjs_is_exception(promise) !== 0) return this.#exceptions.pending('ERR_JS_USER');
    return this.#settle(promise) ?? this.#host.verdict ?? failure('ERR_JS_ENGINE_LOST', texts.trapped);
  }

  /** Runs promise jobs until a promise has settled. Work that it does not wait for is not waited for here either. */
  #settle(promise: number): Verdict | null {
    const { exports } = this.#engine;
    const host = this.#host;
    // The host itself looks after this promise: its rejection is no stray.
    exports.qjs_promise_mark_as_handled(promise);
    host.strays.forget(promise);
    for (let jobs = 1; exports.qjs_promise_state(promise) === 0; jobs += 1) {
      if (exports.qjs_is_job_pending() === 0) {
        if (this.#wait()) continue;
        // A callback or an answer that found no memory settles nothing.
        if (this.#exceptions.outOfMemory) return failure('ERR_JS_MEMORY', texts.memory);
        return failure('ERR_JS_NEVER_SETTLED', texts.neverSettled);
      }
      const threw = exports.qjs_execute_pending_job() < 0;
      if (jobs % jobsPerClockCheck === 0) host.shouldStop();
      if (host.timedOut) return failure('ERR_JS_TIMEOUT', texts.timeout);
      if (threw) return this.#exceptions.pending('ERR_JS_USER');
    }
    if (exports.qjs_promise_state(promise) === 1) return null;
    return this.#exceptions.classify(exports.qjs_promise_result(promise), 'ERR_JS_USER');
  }

  /** With nothing else left to do. False when no timer of the guest's and no answer of the host's can change that. */
  #wait(): boolean {
    const host = this.#host;
    if (host.shouldStop()) return false;
    const waited = waitForWorld(this.#engine, host);
    if (waited === false) return false;
    if (waited.thrown !== null && !host.shouldStop()) {
      const { name, message } = this.#exceptions.describe(waited.thrown);
      host.log.add(2, `Uncaught in a timer: ${name}: ${message}`);
    }
    return !host.shouldStop() && !this.trapped;
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

  #reportStrays(): void {
    for (const reason of this.#host.strays.reasons()) {
      const { name, message } = this.#exceptions.describe(reason);
      this.#host.log.add(2, `Unhandled rejection: ${name}: ${message}`);
    }
  }
}
