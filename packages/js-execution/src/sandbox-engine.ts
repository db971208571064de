import type { Grant } from './capabilities/capability.ts';
import type { HostServices } from './capabilities/host-services.ts';
import type { JavaScriptLimits } from './default-limits.ts';
import type { Outcome } from './outcome.ts';

/** One call as an engine gets it. Only text, bytes and numbers cross into an engine. */
export interface GuestCall {
  /** The user's source, `main.js` or `main.ts`: a script that declares `main`, or a module that exports it. */
  code: string;
  /** `ts` is TypeScript: a module if it imports or exports, a script otherwise. */
  kind: 'script' | 'module' | 'ts';
  /** Name of the source when it is not `main.js`. */
  mainFile?: 'main.ts';
  /** Further files that modules may import, by name. */
  files: Readonly<Record<string, string>>;
  /** What the function may ask of the host. */
  capabilities: readonly Grant[];
  /** Whose call it is. Calls of one tenant queue behind each other, not before those of another; nor is a cache shared. */
  tenant: string;
  /** UTF-8 of the JSON array `[input, secrets, functionId, userId]`. The engine overwrites it when it is done. */
  payload: Uint8Array<ArrayBuffer>;
  limits: JavaScriptLimits;
  /** What the guest's clock shows during the whole call, in milliseconds since 1970. */
  nowMs: number;
  /** Seed of the guest's Math.random: 64 bits, not all zero. */
  seed: bigint;
}

/** Counters of an engine since it was created. */
export interface EngineStats {
  /** Threads that are there, those beyond the calls that may run at a time apart; or processes that serve a tenant. */
  workers: number;
  /** Threads beyond: they take over when one had to be ended, or while its guest waits for the host. Or processes that serve nobody yet. */
  spareWorkers: number;
  /** Calls that run. */
  busy: number;
  /** Of those, the ones that keep a thread whose guest waits for the host. */
  waiting: number;
  queued: number;
  calls: number;
  failures: number;
  /** Workers that were ended because a call did not stop, was aborted, or crashed them; processes also for another tenant's sake. */
  replacedWorkers: number;
}

/** The counters of an engine that was not started. */
export const noStats: EngineStats = {
  ...{ workers: 0, spareWorkers: 0, busy: 0, waiting: 0, queued: 0, calls: 0, failures: 0, replacedWorkers: 0 },
};

/** What runs guest code. The engines differ in how, and in what docs/sandbox.md names. */
export interface SandboxEngine {
  readonly id: string;
  /** SHA-256 (hex) of the engine's code; it belongs into what an enclave attests. */
  readonly codeHash: string;
  /**
   * Runs one call in fresh state. The promise never rejects for something the guest did.
   *
   * @param services does what the guest asks of the main thread, until the call ends
   * @throws TeeError ERR_BUSY when the queue is full, ERR_DISPOSED after close
   */
  call(call: GuestCall, services: HostServices, signal?: AbortSignal): Promise<Outcome>;
  stats(): EngineStats;
  /** Ends the engine. Calls in flight fail with ERR_JS_ENGINE_LOST. */
  close(): Promise<void>;
}
