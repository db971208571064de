import type { JsonValue } from '@neo-service-layer/tee-interface';
import { GuestFault } from './capability.ts';
import { HttpClient } from './http/http-client.ts';
import type { HttpRules } from './http/http-grant.ts';

/** Where a function keeps JSON values from one call to the next. Who provides it decides whose values they are. */
export interface StorageCapability {
  /** @returns the value; undefined when there is none */
  get(key: string): Promise<JsonValue | undefined>;
  put(key: string, value: JsonValue): Promise<void>;
  /** @returns false when there was none */
  delete(key: string): Promise<boolean>;
  /** The keys that begin so. */
  list(prefix: string): Promise<readonly string[]>;
}

/** A source of random bytes other than the guest's own generators. */
export interface RandomCapability {
  bytes(length: number): Promise<Uint8Array>;
}

/** What one call was granted of what the main thread does. */
export interface Services {
  http?: HttpRules;
  storage?: StorageCapability;
  random?: RandomCapability;
}

const longestKey = 1_024;
const mostRandom = 65_536;

/** The main thread's side of one call: does what its guest asks for, of what it was granted. */
export class HostServices {
  readonly #services: Services;
  readonly #http: HttpClient | null;
  /** Made with the first request: most calls make none. */
  #controller: AbortController | null = null;

  constructor(services: Services) {
    this.#services = services;
    this.#http = services.http === undefined ? null : new HttpClient(services.http);
  }

  /** Gives up everything that is under way: the call has ended. */
  end(): void {
    this.#controller?.abort();
  }

  /** Never rejects. @returns JSON `{ok}` or `{name, message}`, the latter with `denied` when it was not granted */
  async answer(name: string, json: string): Promise<string> {
    try {
      const given: unknown = JSON.parse(json);
      const ok = await this.#run(name, typeof given === 'object' && given !== null ? { ...given } : {});
      return JSON.stringify({ ok: ok ?? null });
    } catch (error) {
      // What others threw may name what only the host may know.
      const fault = error instanceof GuestFault ? error : new GuestFault('Error', `${name} failed`);
      return JSON.stringify({ name: fault.name, message: fault.message, denied: fault.denied });
    }
  }

  async #run(name: string, given: Record<string, unknown>): Promise<JsonValue | undefined> {
    const { storage, random } = this.#services;
    switch (name) {
      case 'http.fetch':
        this.#controller ??= new AbortController();
        return granted(name, this.#http).fetch(given, this.#controller.signal);
      case 'storage.get':
        return granted(name, storage).get(keyOf(given['key']));
      case 'storage.put':
        await granted(name, storage).put(keyOf(given['key']), given['value'] as JsonValue);
        return null;
      case 'storage.delete':
        return granted(name, storage).delete(keyOf(given['key']));
      case 'storage.list':
        return [...(await granted(name, storage).list(keyOf(given['prefix'])))];
      case 'random.bytes': {
        const { length } = given;
        if (typeof length !== 'number' || !Number.isInteger(length) || length < 0 || length > mostRandom) {
          throw new GuestFault('RangeError', `length must be an integer from 0 to ${mostRandom}`);
        }
        return Buffer.from(await granted(name, random).bytes(length)).toString('base64');
      }
      default:
        return granted(name, null);
    }
  }
}

function granted<Service>(name: string, service: Service | null | undefined): Service {
  if (service !== null && service !== undefined) return service;
  throw new GuestFault('Error', `the capability ${name.split('.', 1)[0] ?? ''} is not granted to this function`, true);
}

function keyOf(value: unknown): string {
  if (typeof value === 'string' && value.length <= longestKey) return value;
  throw new GuestFault('RangeError', `a key is text of at most ${longestKey} characters`);
}
