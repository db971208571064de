import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** The program of a sandbox worker thread. */
export function defaultWorkerUrl(): URL {
  return builtFile('worker/sandbox-worker.js');
}

/** The module of the engine v8-isolate. */
export function isolatePool(): URL {
  return builtFile('isolate/isolate-pool.js');
}

/** The program of a process of the engine v8-isolate, and what its isolates run before a function. */
export function isolatePrograms(): { process: URL; prelude: URL; stripper: URL } {
  return {
    process: builtFile('worker/isolate-process.js'),
    prelude: builtFile('guest/isolate-prelude.js'),
    stripper: builtFile('guest/strip-types.js'),
  };
}

/** The engine: `dist/quickjs-sandbox.wasm`. */
export function defaultEngineUrl(): URL {
  return builtFile('quickjs-sandbox.wasm');
}

/**
 * A file in `dist` of this package, which is found by its name: the worker and the engine are files of their own also
 * where a program was bundled with this package, and where its sources are run (tests).
 */
function builtFile(path: string): URL {
  return new URL(`dist/${path}`, pathToFileURL(ownManifest()));
}

/** The package.json of this package. @throws Error where it is not installed, as in an enclave */
export function ownManifest(): string {
  return createRequire(import.meta.url).resolve('@neo-service-layer/js-execution/package.json');
}
