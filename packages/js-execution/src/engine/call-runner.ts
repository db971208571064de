import type { Outcome } from '../outcome.ts';
import type { GuestCall as GuestCallRequest } from '../sandbox-engine.ts';
import { CodeCache } from './code-cache.ts';
import { collectGarbage } from './collect-garbage.ts';
import { GuestCall } from './guest-call.ts';
import { GuestEngine } from './guest-engine.ts';
import { noLine, type RequestLine } from './host-requests.ts';

/** Runs calls one after the other, each in an engine that is as if it had just been made. */
export class CallRunner {
  readonly #module: WebAssembly.Module;
  readonly #maximumBytes: number;
  readonly #cache: CodeCache;
  /** Null only while it is being replaced. */
  #engine: GuestEngine | null;
  readonly #image: Uint8Array;
  readonly #line: RequestLine;
  #spent = false;

  /**
   * @param cacheBytes room for evaluated sources
   * @param more.image the state that every call starts from, if not the module's own ({@link GuestEngine.freeze})
   * @param more.line to the main thread; without it requests are never answered
   */
  constructor(
    module: WebAssembly.Module,
    maximumBytes: number,
    cacheBytes: number,
    more: { image?: Uint8Array; line?: RequestLine } = {},
  ) {
    this.#cache = new CodeCache(cacheBytes);
    this.#module = module;
    this.#maximumBytes = maximumBytes;
    this.#engine = new GuestEngine(module, maximumBytes, more.image);
    this.#image = this.#engine.image;
    this.#line = more.line ?? noLine;
  }

  /** Runs one call. The engine still holds what the call left until {@link clean}. */
  run(request: GuestCallRequest): Outcome {
    // Cleaned after the last call already; a second time costs little and trusts nothing that happened since.
    const engine = this.#restored() ?? this.#replace();
    const call = new GuestCall(engine, request, this.#cache, this.#line);
    const outcome = call.run();
    this.#spent = call.trapped;
    return outcome;
  }

  /** Removes what the last call left: resets the engine, or overwrites and replaces it if it trapped or grew. */
  clean(): void {
    if (!this.#reset()) this.#replace();
  }

  // Apart from #replace, so that no frame below it holds on to the old engine.

  #restored(): GuestEngine | null {
    return !this.#spent && this.#engine?.restore() === true ? this.#engine : null;
  }

  #reset(): boolean {
    if (this.#spent) this.#engine?.wipe();
    return !this.#spent && this.#engine?.reset() === true;
  }

  /** The old memory is given back before a new one is asked for: an enclave may not have the address space for both. */
  #replace(): GuestEngine {
    this.#engine = null;
    this.#spent = false;
    collectGarbage();
    const engine = new GuestEngine(this.#module, this.#maximumBytes, this.#image);
    this.#engine = engine;
    return engine;
  }
}
