import { GuestFault } from '../capability.ts';

/** The arguments of `http.fetch`, checked. */
export interface FetchArguments {
  url: URL;
  method: string;
  headers: [string, string][];
  body: Buffer | null;
  redirect: 'follow' | 'error' | 'manual';
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const redirects = ['follow', 'error', 'manual'] as const;
/** Headers that decide how the message is read, or that speak for the connection: set here, not by the guest. */
const ownHeaders =
  /^(?:host|connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-.*|accept-encoding)$/;
/** A token of RFC 9110, 5.6.2, in lower case. */
const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
const longestUrl = 8_192;
const mostHeaders = 64;
const longestHeaders = 16 * 1024;

/** @throws GuestFault for arguments that are no request */
export function parseFetch(given: Record<string, unknown>, requestBytes: number): FetchArguments {
  const { url: text, method: verb, headers, body, redirect } = given;
  if (typeof text !== 'string' || text.length > longestUrl || !URL.canParse(text)) {
    throw new GuestFault('TypeError', 'http.fetch: the URL is not valid');
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw new GuestFault('TypeError', 'http.fetch: a URL must not hold user name and password; use a header');
  }
  const method = typeof verb === 'string' ? verb.toUpperCase() : 'GET';
  if (!methods.includes(method))
    throw new GuestFault('TypeError', `http.fetch: the method must be one of ${methods.join(', ')}`);
  const mode = redirects.find((candidate) => candidate === redirect);
  if (mode === undefined)
    throw new GuestFault('TypeError', `http.fetch: redirect must be one of ${redirects.join(', ')}`);
  return { url, method, headers: parseHeaders(headers), body: parseBody(body, method, requestBytes), redirect: mode };
}

function parseBody(body: unknown, method: string, most: number): Buffer | null {
  if (typeof body !== 'string') return null;
  if (method === 'GET' || method === 'HEAD') throw new GuestFault('TypeError', `http.fetch: ${method} has no body`);
  const bytes = Buffer.from(body, 'base64');
  if (bytes.length > most) throw new GuestFault('RangeError', `http.fetch: the body is longer than ${most} bytes`);
  return bytes;
}

function parseHeaders(given: unknown): [string, string][] {
  if (!Array.isArray(given) || given.length > mostHeaders)
    throw new GuestFault('RangeError', 'http.fetch: too many headers');
  let size = 0;
  return given.map((pair): [string, string] => {
    const [first, value]: unknown[] = Array.isArray(pair) ? pair : [];
    const name = typeof first === 'string' ? first.toLowerCase() : '';
    if (!headerName.test(name) || typeof value !== 'string' || !headerValue.test(value)) {
      throw new GuestFault('TypeError', 'http.fetch: a header is not valid');
    }
    if (ownHeaders.test(name)) throw new GuestFault('TypeError', `http.fetch: the header ${name} cannot be set`);
    size += name.length + value.length;
    if (size > longestHeaders) throw new GuestFault('RangeError', 'http.fetch: the headers are too long');
    return [name, value];
  });
}
