import type { JsonValue } from '@neo-service-layer/tee-interface';
import { type CapabilityMethod, GuestFault } from './capability.ts';

const settable = [
  'href',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
] as const;
/** The longest text, in UTF-16 units: far beyond any real URL, and bounded in what parsing it costs. */
const longest = 64 * 1024;

/**
 * `URL` and `URLSearchParams` of the guest (WHATWG URL), which everyone has: pure text in, text out. Parsing is Node's.
 */
export const urlMethods: Readonly<Record<string, CapabilityMethod>> = {
  'url.parse': {
    price: 3_000,
    pricePer64: 40,
    run: ({ url, base }) => parts(parsed(textOf('url', url), base === undefined ? undefined : textOf('base', base))),
  },
  'url.set': {
    price: 3_000,
    pricePer64: 40,
    run: ({ href, name, value }) => {
      const url = parsed(textOf('href', href), undefined);
      const part = settable.find((candidate) => candidate === name);
      if (part === undefined) throw new GuestFault('TypeError', 'there is no such part of a URL');
      try {
        Object.assign(url, { [part]: textOf('value', value) });
      } catch {
        throw new GuestFault('TypeError', 'Invalid URL');
      }
      return parts(url);
    },
  },
  'url.query': {
    price: 1_000,
    pricePer64: 60,
    run: ({ text }) => [...new URLSearchParams(textOf('text', text))],
  },
  'url.format': {
    price: 1_000,
    pricePer64: 60,
    run: ({ pairs }) => {
      if (!Array.isArray(pairs)) throw new GuestFault('TypeError', 'pairs are missing');
      return new URLSearchParams(
        pairs.map((pair) => [textOf('name', pair?.[0]), textOf('value', pair?.[1])]),
      ).toString();
    },
  },
};

function textOf(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new GuestFault('TypeError', `${name} is not text`);
  if (value.length > longest) throw new GuestFault('RangeError', `${name} is longer than ${longest} characters`);
  return value;
}

function parsed(url: string, base: string | undefined): URL {
  try {
    return new URL(url, base);
  } catch {
    throw new GuestFault('TypeError', 'Invalid URL');
  }
}

function parts(url: URL): JsonValue {
  return { origin: url.origin, ...Object.fromEntries(settable.map((name) => [name, url[name]])) };
}
