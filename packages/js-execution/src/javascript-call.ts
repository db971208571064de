import type { JsonValue } from '@neo-service-layer/tee-interface';
import { requireCapabilities } from './argument-checks.ts';
import type { CapabilityName, Grant } from './capabilities/capability.ts';
import type { RandomCapability, Services, StorageCapability } from './capabilities/host-services.ts';
import { type HttpGrant, httpRules } from './capabilities/http/http-grant.ts';
import type { JavaScriptLimits } from './default-limits.ts';
import type { EngineName } from './engines.ts';
import type { SourceOf } from './excerpt.ts';
import type { LogLine } from './outcome.ts';

/** How to set up a sandbox. Everything has a default. */
export interface JavaScriptExecutionOptions {
  /** The engine of calls that name none. Default `quickjs-wasm`; `v8-isolate` needs the npm package isolated-vm 5.0.4. */
  engine?: EngineName;
  /**
   * Worker threads, each running one call at a time; with `v8-isolate`, processes that serve a tenant at the same time.
   * Default: one per core, at most 4.
   */
  workers?: number;
  /**
   * Threads beyond `workers` that stand ready: one takes over at once when a worker had to be ended, or while a function
   * waits for http or storage. Each costs about 15 MB, and address space. Default 1.
   */
  spareWorkers?: number;
  /** Calls that may wait for a worker before ERR_BUSY. Default 1024. */
  queueLength?: number;
  /** Where the worker's program is. Default: beside this module in the package. */
  workerUrl?: URL;
  /** The engine's bytes; only the one this version was built with is accepted. Default: read from the package. */
  wasm?: Uint8Array;
  /** Limits of calls that do not name their own. */
  defaultLimits?: Partial<JavaScriptLimits>;
  /** The largest `memoryBytes` a call may ask for; each worker's guest can grow to this plus 8 MiB. Default: the default limit. */
  maximumMemoryBytes?: number;
  /** Bytes of evaluated sources each worker keeps, so that a function known to it starts faster. 0: none. Default 16 MiB. */
  cacheBytes?: number;
  /** Source of the seeds of the guests' Math.random. Default: the system's generator. */
  rng?: (length: number) => Uint8Array;
  /** The guests' clock, milliseconds since 1970; read once per call. Default: Date.now. */
  now?: () => number;
}

/** One call of a user function. */
export interface JavaScriptCall {
  /** The source, `main.js` or `main.ts`: it gives `main(input, secrets, functionId, userId)`, sync or async. */
  code: string;
  /**
   * A script that declares `main` (default), or an ES module that exports it by name or as its default; or TypeScript
   * (`ts`), of which the types are removed: a module if it imports or exports, a script otherwise.
   */
  kind?: 'script' | 'module' | 'ts';
  /** Further files that a module may import by relative name, for example `{ 'lib/prices.js': '…' }`; `.ts` is TypeScript. */
  files?: Record<string, string>;
  /**
   * What runs it. `v8-isolate` takes about 15 ms to begin and is several times as fast at long work; it has no gas (`gasUsed` is 0) and
   * no limit of the stack, and a weaker wall around the function. Default: the sandbox's.
   */
  engine?: EngineName;
  input: JsonValue;
  secrets: Record<string, JsonValue>;
  functionId: string;
  /** Whose call it is. */
  userId: string;
  /** Calls of different tenants take turns in the queue, and share no process. Default: the user's id. */
  tenant?: string;
  limits?: Partial<JavaScriptLimits>;
  /** What the function may use beyond the language. Default: nothing. */
  capabilities?: CapabilityName[];
  /** Grants `http.fetch`, to these hosts. */
  http?: HttpGrant;
  /** Grants `storage`, kept here. */
  storage?: StorageCapability;
  /** Grants `random`, drawn from here. */
  random?: RandomCapability;
  /** Gives the call up: queued, it never starts; running, its worker is ended. */
  signal?: AbortSignal;
}

/** What a call gave. */
export interface JavaScriptResult {
  /** What `main` returned, as JSON; undefined became null. */
  result: JsonValue;
  /** 0 with the engine `v8-isolate`, which has none. */
  gasUsed: number;
  executionTimeMs: number;
  /** With the engine `v8-isolate`, what the function held when it ended. */
  peakMemoryBytes: number;
  logs: LogLine[];
  /** Console lines beyond `logBytes`. */
  droppedLogs: number;
}

/** What a call is granted, by name and with what to do it. */
export function grantsOf({ capabilities = [], http, storage, random }: JavaScriptCall): {
  capabilities: Grant[];
  services: Services;
} {
  requireCapabilities(capabilities);
  const services: Services = {
    ...(http === undefined ? {} : { http: httpRules(http) }),
    ...(storage === undefined ? {} : { storage }),
    ...(random === undefined ? {} : { random }),
  };
  const given = (['http', 'storage', 'random'] as const).filter((name) => services[name] !== undefined);
  return { capabilities: [...capabilities, ...given], services };
}

/** The sources of a call by their names; only what the user gave has any. */
export function sourcesOf({ code, kind, files = {} }: JavaScriptCall): SourceOf {
  const main = kind === 'ts' ? 'main.ts' : 'main.js';
  return (file) => (file === main ? code : Object.hasOwn(files, file) ? files[file] : undefined);
}
