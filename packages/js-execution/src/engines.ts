import { TeeError } from '@neo-service-layer/tee-interface';
import { isolatePool } from './built-files.ts';
import type { JavaScriptLimits } from './default-limits.ts';
import type { IsolatePoolOptions } from './isolate/isolate-pool.ts';
import type { SandboxEngine } from './sandbox-engine.ts';

/** The engines: QuickJS in WebAssembly, and V8 isolates in processes of their own. */
export const engineNames = ['quickjs-wasm', 'v8-isolate'] as const;

/** Name of an engine. */
export type EngineName = (typeof engineNames)[number];

/** Limits that V8 cannot keep. */
const notOfIsolates = ['gas', 'stackBytes'] as const;

/** @throws TeeError ERR_INVALID_ARGUMENT for the name of no engine */
export function requireEngine(name: string): EngineName {
  const known = engineNames.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  throw new TeeError('ERR_INVALID_ARGUMENT', 'There is no such engine.', {
    expected: engineNames.join(', '),
    actual: JSON.stringify(name),
  });
}

/**
 * A limit that a call names is kept or refused, never ignored.
 *
 * @throws TeeError ERR_INVALID_ARGUMENT for a limit that the engine does not have
 */
export function requireLimitsOf(engine: EngineName, limits: Partial<JavaScriptLimits>): void {
  const foreign = engine === 'v8-isolate' ? notOfIsolates.find((name) => limits[name] !== undefined) : undefined;
  if (foreign === undefined) return;
  throw new TeeError('ERR_INVALID_ARGUMENT', `The engine ${engine} has no limit ${foreign}.`, {
    expected: `no ${foreign} in limits`,
    hint: 'Leave the limit out, or use the engine quickjs-wasm.',
  });
}

/**
 * Starts the engine `v8-isolate`. It is a file of its own also where a program was bundled with this package: who does not
 * use it does not have it, an enclave above all.
 *
 * @throws TeeError ERR_JS_ENGINE_MISSING when it is not there, or isolated-vm is not
 */
export async function startIsolates(options: IsolatePoolOptions): Promise<SandboxEngine> {
  let pool: typeof import('./isolate/isolate-pool.ts');
  try {
    pool = await import(isolatePool().href);
  } catch (cause) {
    throw new TeeError('ERR_JS_ENGINE_MISSING', 'The engine v8-isolate is not part of this program.', {
      hint: 'Call without engine.',
      cause,
    });
  }
  return pool.IsolatePool.start(options);
}

/** The engines of one sandbox: one is there from the start, the other comes with the first call that names it. */
export class Engines {
  /** The engine `quickjs-wasm`. */
  readonly first: SandboxEngine;
  readonly #startIsolates: () => Promise<SandboxEngine>;
  #isolates: Promise<SandboxEngine> | null = null;
  #started: SandboxEngine | null = null;

  constructor(first: SandboxEngine, startIsolates: () => Promise<SandboxEngine>) {
    this.first = first;
    this.#startIsolates = startIsolates;
  }

  /** The engine `v8-isolate`. @throws TeeError ERR_JS_ENGINE_MISSING when it is not installed; the next call tries again */
  async isolates(): Promise<SandboxEngine> {
    this.#isolates ??= this.#startIsolates();
    try {
      this.#started = await this.#isolates;
      return this.#started;
    } catch (error) {
      this.#isolates = null;
      throw error;
    }
  }

  /** An engine, if it was started. */
  started(name: EngineName): SandboxEngine | null {
    return name === 'quickjs-wasm' ? this.first : this.#started;
  }

  async close(): Promise<void> {
    const isolates = this.#isolates?.then((engine) => engine.close()).catch(() => undefined);
    await Promise.all([this.first.close(), isolates]);
  }
}
