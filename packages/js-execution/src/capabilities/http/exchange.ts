import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { LookupFunction } from 'node:net';
import { GuestFault } from '../capability.ts';
import { bare } from './allow-list.ts';
import type { ResolvedAddress } from './http-grant.ts';

/** One request to one address. */
export interface Exchange {
  url: URL;
  method: string;
  headers: readonly (readonly [string, string])[];
  body: Uint8Array | null;
  /** Where to connect, whatever the name may resolve to by then; null when the host is an address itself. */
  address: ResolvedAddress | null;
  ca: readonly string[] | undefined;
  responseBytes: number;
  signal: AbortSignal;
}

/** What came back. Header names are in lower case; a repeated header is one, joined with commas. */
export interface ExchangeAnswer {
  status: number;
  statusText: string;
  headers: [string, string][];
  body: Buffer;
}

/** Headers about the connection, which is not the guest's (RFC 9110, 7.6.1). */
const ofTheConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Sends a request over a connection of its own; TLS ends here, and the server's certificate is checked for the name in
 * the URL. Redirects are not followed.
 *
 * @throws GuestFault naming the host and Node's error code, or that the answer is too long
 */
export function exchange({
  url,
  method,
  headers,
  body,
  address,
  ca,
  responseBytes,
  signal,
}: Exchange): Promise<ExchangeAnswer> {
  const send = url.protocol === 'https:' ? requestTls : requestPlain;
  const fixed = {
    'accept-encoding': 'identity',
    'user-agent': 'confidential-javascript',
    ...Object.fromEntries(headers),
  };
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(error instanceof GuestFault ? error : faultOf(url, error));
    const outgoing = send(
      {
        host: bare(url.hostname),
        port: url.port === '' ? undefined : url.port,
        path: `${url.pathname}${url.search}`,
        method,
        headers: body === null ? fixed : { ...fixed, 'content-length': body.length },
        agent: false,
        maxHeaderSize: 16 * 1024,
        signal,
        // Whatever the environment says.
        rejectUnauthorized: true,
        ...(ca === undefined ? {} : { ca: [...ca] }),
        ...(address === null ? {} : { lookup: only(address) }),
      },
      (response) => collect(response, responseBytes).then(resolve, fail),
    );
    outgoing.on('error', fail);
    // An answer with 101 leaves HTTP.
    outgoing.on('upgrade', (_response, socket) => {
      socket.destroy();
      fail(null);
    });
    outgoing.end(body ?? undefined);
  });
}

/** A resolver that knows one answer. */
function only(found: ResolvedAddress): LookupFunction {
  return (_host, { all }, callback) => {
    if (all === true) callback(null, [found]);
    else callback(null, found.address, found.family);
  };
}

async function collect(response: IncomingMessage, most: number): Promise<ExchangeAnswer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > most) {
      response.destroy();
      throw new GuestFault('RangeError', `the answer is longer than ${most} bytes`);
    }
    pieces.push(piece);
  }
  const headers = new Map<string, string>();
  for (let i = 0; i + 1 < response.rawHeaders.length; i += 2) {
    const name = (response.rawHeaders[i] ?? '').toLowerCase();
    const value = response.rawHeaders[i + 1] ?? '';
    const before = headers.get(name);
    if (!ofTheConnection.has(name)) headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  const { statusCode = 0, statusMessage = '' } = response;
  return { status: statusCode, statusText: statusMessage, headers: [...headers], body: Buffer.concat(pieces) };
}

/** Node's code says what went wrong; its message may say more than the guest may know. */
function faultOf(url: URL, error: unknown): GuestFault {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'failed';
  const plain = /^[A-Z_0-9]+$/.test(code) ? code : 'failed';
  return new GuestFault('Error', `http.fetch: ${url.host}: ${plain}`);
}
