import type { JsonValue } from '@neo-service-layer/tee-interface';
import { type CapabilityMethod, type Grant, GuestFault } from '../capabilities/capability.ts';
import { cryptoMethods } from '../capabilities/crypto-methods.ts';
import { urlMethods } from '../capabilities/url-methods.ts';
import type { HostRequests } from './host-requests.ts';

const methods: Readonly<Record<string, CapabilityMethod>> = {
  ...cryptoMethods,
  ...urlMethods,
  // Starting a timer is for the prelude to do; the host is asked whether it may.
  'timers.start': { price: 200, pricePer64: 0, run: () => true },
};

/** What a request to the main thread costs in gas; its arguments and its answer cost {@link requestPricePer64} more. */
const requestPrices: Readonly<Record<string, number>> = {
  'http.fetch': 200_000,
  'storage.get': 20_000,
  'storage.put': 40_000,
  'storage.delete': 40_000,
  'storage.list': 40_000,
  'random.bytes': 10_000,
};
const requestPricePer64 = 20;

/** How much a call may ask of the main thread. */
export interface RequestBudget {
  hostCalls: number;
  hostCallBytes: number;
}

/** Answers a guest's requests for capabilities, as JSON `{ok}` or `{name, message}`. */
export class CapabilityDesk {
  /** What was said when something was refused for lack of a grant; a fact for classifying the failure. */
  refusal: string | null = null;
  readonly #granted: readonly Grant[];
  readonly #spend: (gas: number) => boolean;
  #callsLeft: number;
  #bytesLeft: number;

  /** @param spend takes gas; false when that was more than is left, and nothing must be done any more */
  constructor(granted: readonly Grant[], spend: (gas: number) => boolean, budget: RequestBudget) {
    this.#granted = granted;
    this.#spend = spend;
    this.#callsLeft = budget.hostCalls;
    this.#bytesLeft = budget.hostCallBytes;
  }

  /** Does something at once. @returns null when the gas did not suffice: the guest is about to trap */
  answer(name: string, json: string): string | null {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (method === undefined || !(name.startsWith('url.') || this.#isGranted(name))) return this.#refuse(name);
    if (!this.#spend(method.price + method.pricePer64 * (json.length >>> 6))) return null;
    try {
      return JSON.stringify({ ok: method.run(parseArguments(json)) });
    } catch (error) {
      // A library's own words may name paths or versions of the host.
      return failed(error instanceof GuestFault ? error : new GuestFault('Error', `${name} failed`));
    }
  }

  /** Passes something on that takes its time. @returns the number of the request as `{ok}`; null as in {@link answer} */
  request(name: string, json: string, requests: HostRequests): string | null {
    const price = Object.hasOwn(requestPrices, name) ? requestPrices[name] : undefined;
    if (price === undefined || !this.#isGranted(name)) return this.#refuse(name);
    if (!this.#spend(price + requestPricePer64 * (json.length >>> 6))) return null;
    this.#callsLeft -= 1;
    this.#bytesLeft -= json.length;
    if (this.#callsLeft < 0) return failed(new GuestFault('RangeError', 'no host calls are left to this function'));
    if (this.#bytesLeft < 0) return failed(overBytes);
    return JSON.stringify({ ok: requests.send(name, json) });
  }

  /** Accounts for an answer of the main thread's. @returns what the guest gets of it */
  received(json: string): string {
    this.#spend(requestPricePer64 * (json.length >>> 6));
    this.#bytesLeft -= json.length;
    if (this.#bytesLeft < 0) return failed(overBytes);
    if (json.startsWith('{"ok":')) return json;
    const { message, denied }: { message?: string; denied?: boolean } = JSON.parse(json);
    if (denied === true && message !== undefined) this.refusal = message;
    return json;
  }

  #isGranted(name: string): boolean {
    return this.#granted.some((granted) => name.startsWith(`${granted}.`));
  }

  #refuse(name: string): string {
    this.refusal = `the capability ${name.split('.', 1)[0] ?? ''} is not granted to this function`;
    return failed(new GuestFault('Error', this.refusal));
  }
}

const overBytes = new GuestFault('RangeError', 'what goes to the host and comes back is more than this function may');

function failed({ name, message }: GuestFault): string {
  const fault: Record<string, JsonValue> = { name, message };
  return JSON.stringify(fault);
}

function parseArguments(json: string): Record<string, unknown> {
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null) throw new GuestFault('TypeError', 'arguments are missing');
  return { ...value };
}
