import { performance } from 'node:perf_hooks';
import type { GuestEngine } from './guest-engine.ts';

const nothing = new Int32Array(new SharedArrayBuffer(4));

/**
 * Lets time pass until the guest's next timer is due, and fires it. The thread sleeps: it has nothing else to do.
 *
 * @returns false when the guest has no timer; the exception of its callback as the address of a value, or null
 */
export function waitForTimer(engine: GuestEngine, deadline: number): false | { thrown: number | null } {
  const { exports } = engine;
  const until = engine.call(exports.at_untilTimer.value, []);
  const delay = until === 0 ? -1 : exports.qjs_get_float64(until);
  if (!(delay >= 0)) return false;
  const left = Math.max(deadline - performance.now(), 0);
  Atomics.wait(nothing, 0, 0, Math.min(delay, left + 1));
  if (delay > left) return { thrown: null };
  const fired = engine.call(exports.at_fireTimer.value, []);
  const threw = fired === 0 || exports.qjs_is_exception(fired) !== 0;
  return { thrown: threw ? exports.qjs_get_exception() : null };
}
