import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** The program of a sandbox worker thread. */
export function defaultWorkerUrl(): URL {
  return builtFile('worker/sandbox-worker.js');
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
  const manifest = createRequire(import.meta.url).resolve('@neo-service-layer/js-execution/package.json');
  return new URL(`dist/${path}`, pathToFileURL(manifest));
}
