import type { Outcome } from '../outcome.ts';
import type { GuestCall as GuestCallRequest } from '../sandbox-engine.ts';
import { CodeCache } from './code-cache.ts';
import { collectGarbage } from './collect-garbage.ts';
import { GuestCall } from './guest-call.ts';
import { GuestEngine } from './guest-engine.ts';

/** Runs calls one after the other, each in an engine that is as if it had just been made. */
export class CallRunner {
  readonly #module: WebAssembly.Module;
  readonly #maximumBytes: number;
  readonly #cache: CodeCache;
  #engine: GuestEngine;
  #spent = false;

  /**
   * @param cacheBytes room for evaluated sources
   * @param image the state that every call starts from, if not the module's own ({@link GuestEngine.freeze})
   */
  constructor(module: WebAssembly.Module, maximumBytes: number, cacheBytes: number, image?: Uint8Array) {
    this.#cache = new CodeCache(cacheBytes);
    this.#module = module;
    this.#maximumBytes = maximumBytes;
    this.#engine = new GuestEngine(module, maximumBytes, image);
  }

  /** Runs one call. The engine still holds what the call left until {@link clean}. */
  run(request: GuestCallRequest): Outcome {
    // Cleaned after the last call already; a second time costs little and trusts nothing that happened since.
    if (this.#spent || !this.#engine.restore()) this.#replace();
    const call = new GuestCall(this.#engine, request, this.#cache);
    const outcome = call.run();
    this.#spent = call.trapped;
    return outcome;
  }

  /** Removes what the last call left: resets the engine, or overwrites and replaces it if it trapped or grew. */
  clean(): void {
    if (this.#spent) this.#engine.wipe();
    if (this.#spent || !this.#engine.reset()) this.#replace();
  }

  #replace(): void {
    const { image } = this.#engine;
    this.#engine = new GuestEngine(this.#module, this.#maximumBytes, image);
    this.#spent = false;
    collectGarbage();
  }
}
