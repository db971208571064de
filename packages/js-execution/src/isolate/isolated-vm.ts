import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import { ownManifest } from '../built-files.ts';

/** What this package uses of the npm package isolated-vm 5 (its own documentation describes each). */
export interface IsolatedVm {
  Isolate: new (options: { memoryLimit: number; onCatastrophicError(message: string): void }) => Isolate;
}

/** A V8 isolate: a heap of its own. Promises of its methods are rejected when it is disposed of meanwhile. */
export interface Isolate {
  readonly isDisposed: boolean;
  createContext(): Promise<Context>;
  compileScript(code: string, options: { filename: string }): Promise<Script>;
  compileModule(code: string, options: { filename: string }): Promise<Module>;
  getHeapStatistics(): Promise<{ total_heap_size: number; externally_allocated_size: number }>;
  /** Also stops what runs in it, unless that is inside a long step of V8 itself. @throws when it is disposed of already */
  dispose(): void;
}

/** A global object with what belongs to it. */
export interface Context {
  evalClosure(code: string, values: readonly unknown[], options: AsReference): Promise<Reference>;
  evalClosure(code: string, values: readonly unknown[], options: AsCopy): Promise<unknown>;
}

interface AsReference {
  filename: string;
  result: { reference: true };
}

interface AsCopy {
  filename: string;
  result: { copy: true };
}

/** Compiled code. `run` answers the completion value, if it is a plain one. */
interface Script {
  run(context: Context): Promise<unknown>;
}

/** A module before or after it was linked. */
export interface Module {
  readonly dependencySpecifiers: string[];
  instantiate(context: Context, resolve: (specifier: string, referrer: Module) => Module): Promise<void>;
  evaluate(): Promise<unknown>;
}

/** A function of an isolate, as seen from outside. Promise jobs have run when the promise of `apply` is settled. */
export interface Reference {
  apply(self: undefined, values: readonly unknown[], options: CopyOptions): Promise<unknown>;
}

interface CopyOptions {
  arguments: { copy: true };
  result: { copy: true };
}

/** The package that is looked for. */
const packageName = 'isolated-vm';
/** The version that runs on Node 20, and whose behaviour the engine was made for. */
const packageVersion = '5.0.4';

/** Where isolated-vm is installed. */
export interface InstalledAddon {
  /** The module to load. */
  main: string;
  /** Its machine code. */
  binary: string;
}

/**
 * Finds isolated-vm: beside this package, or in NODE_PATH. It is not loaded here: only the engine's own processes do that.
 *
 * @throws TeeError ERR_JS_ENGINE_MISSING when it is not installed, another version is, or its machine code was not built
 */
export function findIsolatedVm(): InstalledAddon {
  let manifestFile: string;
  let version: unknown;
  try {
    const require = createRequire(ownManifest());
    manifestFile = require.resolve(`${packageName}/package.json`);
    ({ version } = require(manifestFile));
  } catch (cause) {
    throw missing('not installed', cause);
  }
  if (version !== packageVersion) throw missing(`${packageName} ${String(version)}`);
  const binary = join(dirname(manifestFile), 'out', 'isolated_vm.node');
  if (!existsSync(binary))
    throw missing('installed, but its install script did not run or failed: there is no machine code');
  return { main: join(dirname(manifestFile), 'isolated-vm.js'), binary };
}

function missing(actual: string, cause?: unknown): TeeError {
  return new TeeError('ERR_JS_ENGINE_MISSING', 'The engine v8-isolate needs the npm package isolated-vm.', {
    expected: `${packageName} ${packageVersion}`,
    actual,
    hint: `npm install ${packageName}@${packageVersion} beside @neo-service-layer/js-execution (it needs Node 20, a C++ compiler and its install script), or call without engine.`,
    ...(cause === undefined ? {} : { cause }),
  });
}
