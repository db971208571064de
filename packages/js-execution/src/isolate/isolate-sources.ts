import { mainFile, resolveImport } from '../engine/module-files.ts';
import { failure, texts } from '../engine/verdicts.ts';
import type { SourceOf } from '../excerpt.ts';
import type { Failure } from '../outcome.ts';
import type { IsolateHost } from './isolate-host.ts';
import { syntaxThrown } from './isolate-thrown.ts';
import type { Context, Isolate, Module, Reference } from './isolated-vm.ts';

/** The sources of a call, without types. */
export interface IsolateSources {
  kind: 'script' | 'module';
  code: string;
  files: Readonly<Record<string, string>>;
  mainFile?: 'main.ts';
}

/** Files of the prelude's kind: frames in them are not the user's. */
const own = '<sandbox>';
const lent = 'export const begin = globalThis.begin; delete globalThis.begin;';
const entry = 'import { begin } from "begin"; import * as namespace from "main"; begin(namespace);';
const plain = { arguments: { copy: true }, result: { copy: true } } as const;

/** Compiled sources. `evaluate` runs their top level, and `main` of a module too. */
export type Compiled = { evaluate(): Promise<unknown> } | Failure;

/** Compiles a call's script, with nothing before it: lines and columns are the user's. */
export async function compileScript(
  isolate: Isolate,
  context: Context,
  sources: IsolateSources,
  sourceOf: SourceOf,
): Promise<Compiled> {
  const filename = sources.mainFile ?? mainFile;
  try {
    const script = await isolate.compileScript(sources.code, { filename });
    return { evaluate: () => script.run(context) };
  } catch (error) {
    return syntaxFailure(isolate, error, sourceOf);
  }
}

/**
 * Compiles and links a call's modules. They import the function's own files and nothing else; a module of the host's
 * imports the function's and, when its top level is done, calls `main`.
 */
export class ModuleGraph {
  readonly #isolate: Isolate;
  readonly #sources: IsolateSources;
  readonly #host: IsolateHost;
  readonly #modules = new Map<string, Module>();
  readonly #names = new Map<Module, string>();

  constructor(isolate: Isolate, sources: IsolateSources, host: IsolateHost) {
    this.#isolate = isolate;
    this.#sources = sources;
    this.#host = host;
  }

  /** @param dispatch calls into the prelude, which lends the host's module its `begin` */
  async compile(context: Context, dispatch: Reference, sourceOf: SourceOf): Promise<Compiled> {
    const main = this.#sources.mainFile ?? mainFile;
    try {
      const unresolved = await this.#compileFrom(main);
      if (unresolved !== null) return missingModule(unresolved);
    } catch (error) {
      return syntaxFailure(this.#isolate, error, sourceOf);
    }
    const [lender, first] = await Promise.all(
      [lent, entry].map((code) => this.#isolate.compileModule(code, { filename: own })),
    );
    if (lender === undefined || first === undefined) return failure('ERR_JS_ENGINE_LOST', texts.trapped);
    const resolve = (specifier: string, referrer: Module): Module => {
      if (referrer === first && specifier === 'begin') return lender;
      const found = referrer === first ? main : this.#resolve(this.#names.get(referrer) ?? main, specifier);
      // Throwing here would end the process; the module itself is refused by V8 as its own import's target.
      return this.#modules.get(found ?? '') ?? referrer;
    };
    await lender.instantiate(context, () => lender);
    await dispatch.apply(undefined, ['lendBegin'], plain);
    await lender.evaluate();
    try {
      await first.instantiate(context, resolve);
    } catch (error) {
      // An import of a name that the other module does not export.
      return syntaxFailure(this.#isolate, error, sourceOf);
    }
    return { evaluate: () => first.evaluate() };
  }

  /** Compiles a file and what it imports. @returns the specifier that names none of the function's files, if any does */
  async #compileFrom(name: string): Promise<string | null> {
    const { code, files, mainFile: given } = this.#sources;
    const source = name === (given ?? mainFile) ? code : (files[name] ?? '');
    const module = await this.#isolate.compileModule(source, { filename: name });
    this.#modules.set(name, module);
    this.#names.set(module, name);
    for (const specifier of module.dependencySpecifiers) {
      const to = this.#resolve(name, specifier);
      if (to === null) {
        this.#host.missing.import ??= { file: name, specifier };
        return specifier;
      }
      const unresolved = this.#modules.has(to) ? null : await this.#compileFrom(to);
      if (unresolved !== null) return unresolved;
    }
    return null;
  }

  #resolve(from: string, specifier: string): string | null {
    const { files, mainFile: given } = this.#sources;
    return resolveImport(from, specifier, (name) => name === (given ?? mainFile) || Object.hasOwn(files, name));
  }
}

function missingModule(specifier: string): Failure {
  const message = `could not load module '${specifier}'`;
  const thrown = { isError: true, name: 'ReferenceError', message, cut: false, frames: [], causes: [] };
  return { ...failure('ERR_JS_SYNTAX', texts.syntax), thrown };
}

/** @throws what was caught when the isolate is gone: compiling did not fail, it was stopped */
function syntaxFailure(isolate: Isolate, error: unknown, sourceOf: SourceOf): Failure {
  if (isolate.isDisposed) throw error;
  return { ...failure('ERR_JS_SYNTAX', texts.syntax), thrown: syntaxThrown(error, sourceOf) };
}
