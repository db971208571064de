import type { HostServices } from '../capabilities/host-services.ts';
import { failure, texts } from '../engine/verdicts.ts';
import type { Outcome } from '../outcome.ts';
import type { GuestCall } from '../sandbox-engine.ts';
import type { IsolateOrder } from './isolate-messages.ts';

const closing = 'The sandbox was closed.';

/** One call on its way through the engine: in the queue, in a process, perhaps in a second one. */
export class IsolateJob {
  readonly call: GuestCall;
  /** Set when a process was lost with it: it runs again, once and with no other call beside it. */
  repeated = false;
  /** Its guest has asked the main thread for something. What was done must not be done again. */
  hostCalls = 0;
  /** Its number in the process that has it. */
  number = 0;
  watchdog: NodeJS.Timeout | null = null;
  readonly #services: HostServices;
  readonly #resolve: (outcome: Outcome) => void;
  #settled = false;

  constructor(call: GuestCall, services: HostServices, resolve: (outcome: Outcome) => void) {
    this.call = call;
    this.#services = services;
    this.#resolve = resolve;
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** True when the loss of its process need not be the end of it. */
  get repeatable(): boolean {
    return !this.#settled && !this.repeated && this.hostCalls === 0;
  }

  /** Ends it: nothing of it goes on, and its arguments are overwritten. */
  settle(outcome: Outcome): void {
    if (this.#settled) return;
    this.#settled = true;
    if (this.watchdog !== null) clearTimeout(this.watchdog);
    this.#services.end();
    this.call.payload.fill(0);
    this.#resolve(outcome);
  }

  /** Its process is gone, and it cannot run again. */
  lose(): void {
    this.settle(failure('ERR_JS_ENGINE_LOST', texts.trapped));
  }

  /** The engine was closed. */
  close(): void {
    this.settle(failure('ERR_JS_ENGINE_LOST', closing));
  }

  /** True while its guest may ask the host for something. */
  get mayAsk(): boolean {
    return this.hostCalls < this.call.limits.hostCalls;
  }

  /** Does what its guest asks for. */
  async answer(name: string, json: string): Promise<string> {
    this.hostCalls += 1;
    return this.#services.answer(name, json);
  }

  /** True for an outcome within the call's limits of result and log. */
  allows(outcome: Outcome): boolean {
    const { resultBytes, logBytes } = this.call.limits;
    const logged = outcome.measurements?.logs.reduce((sum, { message }) => sum + Buffer.byteLength(message), 0) ?? 0;
    return logged <= logBytes && (outcome.status !== 'ok' || Buffer.byteLength(outcome.json) <= resultBytes);
  }

  /** What a process is told of it. */
  order(): IsolateOrder {
    const { payload, seed, tenant: _tenant, ...request } = this.call;
    const text = new TextDecoder().decode(payload);
    const digits = seed.toString(16).padStart(16, '0');
    return { kind: 'call', call: this.number, request: { ...request, payload: text, seed: digits } };
  }

  /** The most that a process may say at once about it, in bytes of JSON in JSON. */
  get mostBytes(): number {
    const { resultBytes, logBytes, hostCallBytes } = this.call.limits;
    return 6 * (resultBytes + logBytes + hostCallBytes);
  }
}
