import { lookup } from 'node:dns/promises';
import type { JsonValue } from '@neo-service-layer/tee-interface';
import { GuestFault } from '../capability.ts';
import { findAllowed, isAddress } from './allow-list.ts';
import { type ExchangeAnswer, exchange } from './exchange.ts';
import { type FetchArguments, parseFetch } from './http-arguments.ts';
import type { HttpRules, ResolvedAddress } from './http-grant.ts';
import { isPublicAddress } from './public-address.ts';

const redirectStatus = [301, 302, 303, 307, 308];
/** Headers that are meant for one server only. */
const personal = ['authorization', 'cookie'];

/**
 * `http.fetch` of one call. Every request, also after a redirect, goes only where the grant allows, and connects to the
 * very address that was found to be public: a name that resolves to another one a moment later changes nothing.
 */
export class HttpClient {
  readonly #rules: HttpRules;
  #left: number;

  constructor(rules: HttpRules) {
    this.#rules = rules;
    this.#left = rules.requests;
  }

  /**
   * @param signal ends it with the call
   * @throws GuestFault for a request that is not allowed, over its budget, or failed
   */
  async fetch(given: Record<string, unknown>, signal: AbortSignal): Promise<JsonValue> {
    const { requestBytes, timeoutMs } = this.#rules;
    const wanted = parseFetch(given, requestBytes);
    const controller = new AbortController();
    const abort = () => controller.abort();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      abort();
    }, timeoutMs);
    signal.addEventListener('abort', abort);
    try {
      return await this.#follow(wanted, controller.signal);
    } catch (error) {
      throw late ? new GuestFault('Error', `http.fetch: no answer within ${timeoutMs} ms`) : error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  async #follow(wanted: FetchArguments, signal: AbortSignal): Promise<JsonValue> {
    let { url, method, headers, body } = wanted;
    for (let redirected = false; ; redirected = true) {
      const answer = await this.#send({ ...wanted, url, method, headers, body }, signal);
      const location = answer.headers.find(([name]) => name === 'location')?.[1];
      const leads = redirectStatus.includes(answer.status) && location !== undefined;
      if (!leads || wanted.redirect === 'manual') return response(url, redirected, answer);
      if (wanted.redirect === 'error') throw new GuestFault('Error', `http.fetch: ${url.host} redirects`);
      if (!URL.canParse(location, url)) throw new GuestFault('Error', `http.fetch: ${url.host} redirects to nowhere`);
      const next = new URL(location, url);
      if (next.origin !== url.origin) headers = headers.filter(([name]) => !personal.includes(name));
      const asGet = answer.status === 303 ? method !== 'HEAD' : answer.status < 303 && method === 'POST';
      if (asGet) {
        method = 'GET';
        body = null;
        headers = headers.filter(([name]) => !name.startsWith('content-'));
      }
      url = next;
    }
  }

  async #send({ url, method, headers, body }: FetchArguments, signal: AbortSignal): Promise<ExchangeAnswer> {
    const { allow, ca, responseBytes, requests } = this.#rules;
    const allowed = findAllowed(allow, url);
    if (allowed === undefined) {
      throw new GuestFault('Error', `http.fetch: ${url.origin} is not in the list of allowed hosts`, true);
    }
    if (this.#left === 0) throw new GuestFault('RangeError', `http.fetch: more than ${requests} requests in one call`);
    this.#left -= 1;
    const address = isAddress(url.hostname) ? null : await this.#resolve(url, allowed.local);
    return exchange({ url, method, headers, body, address, ca, responseBytes, signal });
  }

  async #resolve(url: URL, mayBePrivate: boolean): Promise<ResolvedAddress> {
    const host = url.hostname;
    let found: readonly ResolvedAddress[];
    try {
      found = await (this.#rules.resolve?.(host) ?? lookup(host, { all: true }));
    } catch {
      throw new GuestFault('Error', `http.fetch: the name ${host} was not found`);
    }
    const usable = found.find(({ address }) => mayBePrivate || isPublicAddress(address));
    if (usable === undefined) throw new GuestFault('Error', `http.fetch: ${host} is at no public address`, true);
    return usable;
  }
}

function response(url: URL, redirected: boolean, { status, statusText, headers, body }: ExchangeAnswer): JsonValue {
  return { url: url.href, status, statusText, redirected, headers, body: body.toString('base64') };
}
