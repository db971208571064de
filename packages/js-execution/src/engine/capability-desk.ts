import type { JsonValue } from '@neo-service-layer/tee-interface';
import { type CapabilityMethod, type CapabilityName, GuestFault } from '../capabilities/capability.ts';
import { cryptoMethods } from '../capabilities/crypto-methods.ts';

const methods: Readonly<Record<string, CapabilityMethod>> = {
  ...cryptoMethods,
  // Starting a timer is for the prelude to do; the host is asked whether it may.
  'timers.start': { price: 200, pricePer64: 0, run: () => true },
};

/** Answers a guest's requests for capabilities, as JSON `{ok}` or `{name, message}`. */
export class CapabilityDesk {
  /** What was said when something was refused for lack of a grant; a fact for classifying the failure. */
  refusal: string | null = null;
  readonly #granted: readonly CapabilityName[];
  readonly #spend: (gas: number) => boolean;

  /** @param spend takes gas; false when that was more than is left, and nothing must be done any more */
  constructor(granted: readonly CapabilityName[], spend: (gas: number) => boolean) {
    this.#granted = granted;
    this.#spend = spend;
  }

  /** @returns null when the gas did not suffice: the guest is about to trap */
  answer(name: string, json: string): string | null {
    const capability = this.#granted.find((granted) => name.startsWith(`${granted}.`));
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (capability === undefined || method === undefined) {
      this.refusal = `the capability ${name.split('.', 1)[0] ?? ''} is not granted to this function`;
      return failed(new GuestFault('Error', this.refusal));
    }
    if (!this.#spend(method.price + method.pricePer64 * (json.length >>> 6))) return null;
    try {
      return JSON.stringify({ ok: method.run(parseArguments(json)) });
    } catch (error) {
      // A library's own words may name paths or versions of the host.
      return failed(error instanceof GuestFault ? error : new GuestFault('Error', `${name} failed`));
    }
  }
}

function failed({ name, message }: GuestFault): string {
  const fault: Record<string, JsonValue> = { name, message };
  return JSON.stringify(fault);
}

function parseArguments(json: string): Record<string, unknown> {
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null) throw new GuestFault('TypeError', 'arguments are missing');
  return { ...value };
}
