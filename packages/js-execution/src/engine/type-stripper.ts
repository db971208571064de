import { defaultJavaScriptLimits } from '../default-limits.ts';
import type { Outcome } from '../outcome.ts';
import type { GuestCall as GuestCallRequest } from '../sandbox-engine.ts';
import { ByteCache } from './byte-cache.ts';
import { CallRunner } from './call-runner.ts';
import { CodeCache } from './code-cache.ts';
import { collectGarbage } from './collect-garbage.ts';
import { GuestCall } from './guest-call.ts';
import { GuestEngine } from './guest-engine.ts';
import { type StrippedSources, typedFiles, withoutTypes } from './stripped-sources.ts';

class StrippedCache extends ByteCache<StrippedSources> {
  override sizeOf({ code, files }: StrippedSources): number {
    return Object.entries(files).reduce((sum, [name, text]) => sum + 2 * (name.length + text.length), 2 * code.length);
  }
}

const mib = 1024 * 1024;
/** The stripper takes memory of its own, which is not the function's. */
const ownMemory = 4 * mib;
/** Room for the tokens of half a megabyte of source, and no more: each worker's second engine reserves it all. */
const mostMemory = 32 * mib;
/** What the engine itself takes of it. */
const memoryMargin = 4 * mib;
const section = 'strip-types';

/**
 * Takes the types out of sources. The program that does so is a guest itself, in an engine of its own: sources are as
 * hostile as what they do when they run, and so are parsed behind the same walls, under the limits of their call.
 * Nothing happens until the first call with types.
 */
export class TypeStripper {
  readonly #module: WebAssembly.Module;
  readonly #cache: StrippedCache;
  #runner: CallRunner | null = null;

  /** @param cacheBytes room for stripped sources */
  constructor(module: WebAssembly.Module, cacheBytes: number) {
    this.#module = module;
    this.#cache = new StrippedCache(cacheBytes);
  }

  /** @returns the sources of a call without their types; how the call ended when that was impossible within its limits */
  strip(request: GuestCallRequest): StrippedSources | Outcome {
    const key = CodeCache.key(request);
    const known = this.#cache.find(key);
    if (known !== undefined && known.gas <= request.limits.gas) return known;
    const typed = typedFiles(request);
    const outcome = this.#run(
      request,
      typed.map(([, text]) => text),
    );
    if (outcome.status === 'failed') return outcome;
    const { json, measurements } = outcome;
    const sources = withoutTypes(request, typed, json);
    if ('status' in sources) return { ...sources, ...(measurements === undefined ? {} : { measurements }) };
    sources.gas = measurements?.gasUsed ?? 0;
    this.#cache.store(key, sources);
    return sources;
  }

  #run({ limits, tenant }: GuestCallRequest, sources: readonly string[]): Outcome {
    this.#runner ??= this.#boot();
    const resultBytes = sources.reduce((sum, text) => sum + 6 * text.length, 1_024);
    const memoryBytes = Math.min(limits.memoryBytes + ownMemory, mostMemory - memoryMargin);
    const outcome = this.#runner.run({
      ...emptyRequest,
      tenant,
      payload: new TextEncoder().encode(JSON.stringify([sources, {}, '', ''])),
      limits: { ...limits, memoryBytes, resultBytes, logBytes: 0 },
    });
    this.#runner.clean();
    return outcome;
  }

  #boot(): CallRunner {
    const image = this.#image();
    // The engine that made it is not needed any more, nor is the address space that it holds.
    collectGarbage();
    return new CallRunner(this.#module, mostMemory, 0, { image });
  }

  /** The state of an engine with the stripper in it. */
  #image(): Uint8Array {
    const [program] = WebAssembly.Module.customSections(this.#module, section);
    const engine = new GuestEngine(this.#module, mostMemory);
    const code = new TextDecoder().decode(program);
    const loaded = new GuestCall(engine, { ...emptyRequest, code }, new CodeCache(0)).load();
    if (program === undefined || typeof loaded !== 'number') throw new Error('the stripper of types did not load');
    return engine.freeze();
  }
}

const emptyRequest: GuestCallRequest = {
  code: '',
  kind: 'script',
  files: {},
  capabilities: [],
  tenant: '',
  payload: new Uint8Array(),
  limits: { ...defaultJavaScriptLimits, timeoutMs: 60_000 },
  nowMs: 0,
  seed: 1n,
};
