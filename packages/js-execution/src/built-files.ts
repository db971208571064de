/**
 * The folder of the built files: the worker and the engine exist only there. Next to this module when it is built
 * itself; in `dist` when the sources are run (tests).
 */
const folder = import.meta.url.endsWith('.ts') ? new URL('../dist/', import.meta.url) : new URL('./', import.meta.url);

/** The program of a sandbox worker thread. */
export const defaultWorkerUrl = new URL('worker/sandbox-worker.js', folder);

/** The engine: `dist/quickjs-sandbox.wasm`. */
export const defaultEngineUrl = new URL('quickjs-sandbox.wasm', folder);
