import { defaultJavaScriptLimits } from '../default-limits.ts';
import type { Outcome, Verdict } from '../outcome.ts';
import type { GuestCall as GuestCallRequest } from '../sandbox-engine.ts';
import { ByteCache } from './byte-cache.ts';
import { CallRunner } from './call-runner.ts';
import { CodeCache } from './code-cache.ts';
import { collectGarbage } from './collect-garbage.ts';
import { GuestCall } from './guest-call.ts';
import { GuestEngine } from './guest-engine.ts';
import { mainFile } from './module-files.ts';
import { failure, texts } from './verdicts.ts';

/** A function's sources as JavaScript, and what making them cost. */
export interface StrippedSources {
  kind: 'script' | 'module';
  code: string;
  files: Readonly<Record<string, string>>;
  gas: number;
}

/** What the stripper says of one source (tools/typescript/strip-types.ts). */
type Stripped = { code: string; module: boolean } | Fault;

interface Fault {
  fault: string;
  line: number;
  column: number;
}

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

/** True for a function that has TypeScript in it. */
export function hasTypes({ kind, files }: GuestCallRequest): boolean {
  return kind === 'ts' || Object.keys(files).some(isTypeScript);
}

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
    const main = request.kind === 'ts' ? [['main.ts', request.code] as const] : [];
    const typed = [...main, ...Object.entries(request.files).filter(([name]) => isTypeScript(name))];
    const outcome = this.#run(
      request,
      typed.map(([, text]) => text),
    );
    if (outcome.status === 'failed') return outcome;
    const results = parseStripped(outcome.json, typed.length);
    if (results === null) return failure('ERR_JS_ENGINE_LOST', texts.trapped);
    const { measurements } = outcome;
    const sources: StrippedSources = {
      kind: request.kind === 'module' ? 'module' : 'script',
      code: request.code,
      files: { ...request.files },
      gas: measurements?.gasUsed ?? 0,
    };
    for (const [index, result] of results.entries()) {
      const name = typed[index]?.[0] ?? mainFile;
      if ('fault' in result)
        return {
          ...fault(name, result, typed[index]?.[1] ?? ''),
          ...(measurements === undefined ? {} : { measurements }),
        };
      if (index >= main.length) sources.files = { ...sources.files, [name]: result.code };
      else Object.assign(sources, { code: result.code, kind: result.module ? 'module' : 'script' });
    }
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

function isTypeScript(name: string): boolean {
  return name.endsWith('.ts');
}

function fault(file: string, { fault: message, line, column }: Fault, source: string): Verdict {
  const text = source.split(/\r\n|[\n\r\u2028\u2029]/, line)[line - 1] ?? '';
  // As in frames of the engine's own, columns are bytes.
  const bytes = Buffer.byteLength(text.slice(0, column - 1)) + 1;
  const frames = [{ function: '<anonymous>', file, line, column: bytes }];
  const thrown = { isError: true, name: 'SyntaxError', message, cut: false, frames, causes: [] };
  return { ...failure('ERR_JS_SYNTAX', texts.syntaxTypes), thrown };
}

/** The stripper is a guest: a source that took it over could answer anything. */
function parseStripped(json: string, count: number): Stripped[] | null {
  const value: unknown = JSON.parse(json);
  if (!Array.isArray(value) || value.length !== count) return null;
  const results = value.map(parseOne);
  return results.every((result) => result !== null) ? results : null;
}

function parseOne(value: unknown): Stripped | null {
  if (typeof value !== 'object' || value === null) return null;
  const { code, module, fault, line, column }: Record<string, unknown> = { ...value };
  if (typeof code === 'string' && typeof module === 'boolean') return { code, module };
  const placed = typeof line === 'number' && typeof column === 'number';
  return typeof fault === 'string' && placed ? { fault, line, column } : null;
}
