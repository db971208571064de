import type { EngineExports } from './engine-exports.ts';

/** More promises than this are not followed; a function that leaves so many behind learns nothing from the rest. */
const most = 32;

interface Stray {
  promise: number;
  reason: number;
}

/** Promises of one call that were rejected while nobody listened. Holds guest values; ends with the engine's reset. */
export class StrayRejections {
  readonly #exports: EngineExports;
  readonly #strays = new Map<number, Stray>();

  constructor(exports: EngineExports) {
    this.#exports = exports;
  }

  /** Takes over both values: keeps them while the promise is unhandled, frees them otherwise. */
  note(promise: number, reason: number, handled: boolean): void {
    if (promise === 0 || reason === 0) return;
    const identity = this.#exports.qjs_get_value_ptr(promise);
    if (handled || this.#strays.size >= most) {
      this.#drop(identity);
      this.#exports.qjs_free_value(promise);
      this.#exports.qjs_free_value(reason);
    } else {
      this.#strays.set(identity, { promise, reason });
    }
  }

  /** The promise of this guest value is looked after elsewhere. */
  forget(promise: number): void {
    this.#drop(this.#exports.qjs_get_value_ptr(promise));
  }

  /** The reasons of those still unhandled, as guest values. */
  reasons(): number[] {
    return [...this.#strays.values()].map((stray) => stray.reason);
  }

  #drop(identity: number): void {
    const stray = this.#strays.get(identity);
    if (stray === undefined) return;
    this.#strays.delete(identity);
    this.#exports.qjs_free_value(stray.promise);
    this.#exports.qjs_free_value(stray.reason);
  }
}
