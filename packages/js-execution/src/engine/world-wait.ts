import { performance } from 'node:perf_hooks';
import type { CallHost } from './call-host.ts';
import type { GuestEngine } from './guest-engine.ts';

const nothing = new Int32Array(new SharedArrayBuffer(4));

/**
 * Lets time pass until the guest's next timer is due or the host has answered a request of its, and tells the guest.
 * The thread sleeps: it has nothing else to do.
 *
 * @returns false when the guest waits for neither; the exception of its callback as the address of a value, or null
 */
export function waitForWorld(engine: GuestEngine, host: CallHost): false | { thrown: number | null } {
  const { exports } = engine;
  const until = engine.call(exports.at_untilTimer.value, []);
  const delay = until === 0 ? -1 : exports.qjs_get_float64(until);
  const timer = delay >= 0;
  const asking = host.requests.outstanding > 0;
  if (!timer && !asking) return false;
  const left = Math.max(host.deadline - performance.now(), 0);
  const most = Math.min(timer ? delay : left + 1, left + 1);
  if (asking) {
    const started = performance.now();
    const answer = host.requests.receive(most);
    if (answer !== null) return settle(engine, host, answer, Math.floor(performance.now() - started));
  } else {
    Atomics.wait(nothing, 0, 0, most);
  }
  if (!timer || delay > left) return { thrown: null };
  return outcome(engine, engine.call(exports.at_fireTimer.value, []));
}

function settle(
  engine: GuestEngine,
  host: CallHost,
  { id, json }: { id: number; json: string },
  tookMs: number,
): { thrown: number | null } {
  const { exports } = engine;
  const bytes = new TextEncoder().encode(host.desk.received(json));
  const address = engine.put(bytes);
  const text = address === 0 ? 0 : exports.qjs_new_string(address, bytes.length);
  if (address !== 0) exports.wasm_free(address);
  if (text === 0) return { thrown: 0 };
  engine.call(exports.at_passTime.value, [exports.qjs_new_number(tookMs)]);
  return outcome(engine, engine.call(exports.at_settle.value, [exports.qjs_new_number(id), text]));
}

function outcome(engine: GuestEngine, value: number): { thrown: number | null } {
  const threw = value === 0 || engine.exports.qjs_is_exception(value) !== 0;
  return { thrown: threw ? engine.exports.qjs_get_exception() : null };
}
