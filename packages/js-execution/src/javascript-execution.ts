import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { TeeError } from '@neo-service-layer/tee-interface';
import { encodePayload, parseResult, requireCount, requireRoom, requireText } from './argument-checks.ts';
import { defaultEngineUrl, defaultWorkerUrl } from './built-files.ts';
import { HostServices } from './capabilities/host-services.ts';
import { defaultJavaScriptLimits, type JavaScriptLimits } from './default-limits.ts';
import { engineHash } from './engine/engine-hash.ts';
import { type EngineName, Engines, requireEngine, requireLimitsOf, startIsolates } from './engines.ts';
import {
  grantsOf,
  type JavaScriptCall,
  type JavaScriptExecutionOptions,
  type JavaScriptResult,
  sourcesOf,
} from './javascript-call.ts';
import { resolveLimits } from './limits.ts';
import { outcomeError, redactLogs } from './outcome-error.ts';
import { WorkerPool } from './pool/worker-pool.ts';
import { Redaction } from './redaction.ts';
import { type EngineStats, noStats } from './sandbox-engine.ts';

/** Room for the engine itself and for building an error, beyond the guest's limit. */
const memoryMargin = 8 * 1024 * 1024;
/** CPU time that all workers together spend on exercising the engine after the start. */
const defaultWarmUpMs = 200;
const seedBytes = 1024;
const defaultCacheBytes = 16 * 1024 * 1024;

/**
 * Runs untrusted JavaScript. Every call starts in the same fresh state and leaves nothing behind: the guest's whole
 * memory is put back before and after it. Guests have the language and `console`, and no way to files, network, clock
 * progress, environment or other calls. The engine is QuickJS-ng compiled to WebAssembly and metered; the guest's code
 * never reaches V8. Calls may ask for V8 isolates instead, which are faster at long work and keep less of these promises
 * (docs/sandbox.md says which).
 */
export class OcclumJavaScriptExecution {
  readonly #engines: Engines;
  readonly #engineName: EngineName;
  readonly #defaults: JavaScriptLimits;
  readonly #maximumMemoryBytes: number;
  readonly #rng: (length: number) => Uint8Array;
  readonly #now: () => number;
  /** Seeds drawn in advance: one request to the system for many calls. */
  #seeds: DataView = new DataView(new ArrayBuffer(0));

  private constructor(engines: Engines, defaults: JavaScriptLimits, options: JavaScriptExecutionOptions) {
    this.#engines = engines;
    this.#engineName = requireEngine(options.engine ?? 'quickjs-wasm');
    this.#defaults = defaults;
    this.#maximumMemoryBytes = options.maximumMemoryBytes ?? defaults.memoryBytes;
    this.#rng = options.rng ?? randomBytes;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Starts the workers.
   *
   * @throws TeeError ERR_INVALID_ARGUMENT for options out of range or an engine with another hash than the pinned one,
   * ERR_JS_ENGINE_LOST when the workers do not come up, ERR_JS_ENGINE_MISSING when the engine is not installed
   */
  static async create(options: JavaScriptExecutionOptions = {}): Promise<OcclumJavaScriptExecution> {
    const defaults = resolveLimits(options.defaultLimits ?? {}, defaultJavaScriptLimits);
    const workers = options.workers ?? Math.min(availableParallelism(), 4);
    const queueLength = options.queueLength ?? 1024;
    const cacheBytes = options.cacheBytes ?? defaultCacheBytes;
    requireCount('workers', workers, 1, 256);
    const spareWorkers = options.spareWorkers ?? 1;
    requireCount('spareWorkers', spareWorkers, 0, 256);
    requireCount('queueLength', queueLength, 0, 65_536);
    requireCount('cacheBytes', cacheBytes, 0, 2 ** 31);
    const wasm = Uint8Array.from(options.wasm ?? (await readFile(defaultEngineUrl())));
    const codeHash = createHash('sha256').update(wasm).digest('hex');
    if (codeHash !== engineHash) {
      throw new TeeError('ERR_INVALID_ARGUMENT', 'The engine is not the one this version was built with.', {
        expected: engineHash,
        actual: codeHash,
      });
    }
    const { memoryBytes } = resolveLimits(
      { memoryBytes: options.maximumMemoryBytes ?? defaults.memoryBytes },
      defaults,
    );
    const first = await WorkerPool.start({
      workers,
      spareWorkers,
      queueLength,
      codeHash,
      workerUrl: options.workerUrl ?? defaultWorkerUrl(),
      start: {
        module: await WebAssembly.compile(wasm),
        maximumBytes: memoryBytes + memoryMargin,
        cacheBytes,
        warmUpMs: defaultWarmUpMs / workers,
      },
    });
    const engines = new Engines(first, () => startIsolates({ processes: workers, queueLength }));
    try {
      if (options.engine === 'v8-isolate') await engines.isolates();
      return new OcclumJavaScriptExecution(engines, defaults, options);
    } catch (error) {
      await engines.close();
      throw error;
    }
  }

  /** SHA-256 (hex) of the engine `quickjs-wasm` with the prelude and the gas prices in it. */
  get codeHash(): string {
    return this.#engines.first.codeHash;
  }

  /**
   * Runs `main` of the given source in a fresh sandbox.
   *
   * @throws TeeError with an ERR_JS_… code when the function fails (`details`: line, column, name, frames, gasUsed,
   * logs … where known), ERR_BUSY when the queue is full, ERR_INVALID_ARGUMENT for a malformed call or a limit
   * that the engine does not have, ERR_JS_ENGINE_MISSING when the engine is not installed, ERR_DISPOSED after close. The class of a failure comes from facts of the host, never from what the guest's error says.
   */
  async executeJavaScript(call: JavaScriptCall): Promise<JavaScriptResult> {
    const engineName = call.engine === undefined ? this.#engineName : requireEngine(call.engine);
    requireLimitsOf(engineName, call.limits ?? {});
    const limits = resolveLimits(call.limits ?? {}, this.#defaults);
    if (limits.memoryBytes > this.#maximumMemoryBytes) {
      throw new TeeError('ERR_INVALID_ARGUMENT', 'The limit memoryBytes is larger than this sandbox allows.', {
        expected: `at most ${this.#maximumMemoryBytes}`,
        actual: String(limits.memoryBytes),
      });
    }
    const { code, kind = 'script', files = {}, tenant = call.userId } = call;
    for (const name of ['code', 'functionId', 'userId'] as const) requireText(name, call[name]);
    for (const [name, text] of Object.entries(files)) requireText(`files[${JSON.stringify(name)}]`, text);
    const { capabilities, services } = grantsOf(call);
    const payload = encodePayload(call);
    requireRoom(payload.length + code.length, limits.memoryBytes);
    const engine = engineName === 'quickjs-wasm' ? this.#engines.first : await this.#engines.isolates();
    const nowMs = this.#now();
    const guest = { code, kind, files, capabilities, tenant, payload, limits, nowMs, seed: this.#seed() };
    const { measurements, ...verdict } = await engine.call(guest, new HostServices(services), call.signal);
    const redaction = new Redaction(call.secrets);
    if (verdict.status === 'failed') throw outcomeError(verdict, measurements, redaction, sourcesOf(call));
    if (measurements === undefined) throw new TeeError('ERR_INTERNAL', 'A result came without measurements.');
    return { result: parseResult(verdict.json), ...measurements, logs: redactLogs(measurements.logs, redaction) };
  }

  /** Counters of an engine since creation, and what is under way now; all are zero while it was not needed. */
  stats(engine: EngineName = this.#engineName): EngineStats {
    return this.#engines.started(requireEngine(engine))?.stats() ?? noStats;
  }

  /** Ends the workers; calls in flight fail with ERR_JS_ENGINE_LOST. May be called twice. */
  async close(): Promise<void> {
    await this.#engines.close();
  }

  #seed(): bigint {
    if (this.#seeds.byteLength === 0) {
      const bytes = this.#rng(seedBytes);
      this.#seeds = new DataView(bytes.buffer, bytes.byteOffset, seedBytes);
    }
    const seed = this.#seeds.getBigUint64(0);
    this.#seeds = new DataView(this.#seeds.buffer, this.#seeds.byteOffset + 8, this.#seeds.byteLength - 8);
    // Zero is the one state that the guest's generator cannot leave.
    return seed || 1n;
  }
}
