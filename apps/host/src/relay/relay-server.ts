import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Transport } from '@neo-service-layer/tee-client';
import { encodeEvidenceBundle, isTeeError } from '@neo-service-layer/tee-interface';
import { relaySockets } from './relay-sockets.ts';

/** How a relay listens. */
export interface RelayOptions {
  port: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** The enclave's transport, or null while there is none. */
  enclave: () => Transport | null;
  /** Is shown every body that crosses; for recordings. */
  onBody?: (bytes: Uint8Array) => void;
}

const maxBodyBytes = 40 * 1024 * 1024;

/**
 * Relays sealed messages between remote clients and the enclave: `GET /v1/evidence`, `POST /v1/channel`, the same over
 * a WebSocket at `GET /v1/channel`, `GET /health/live`, `GET /health/ready`. It can read nothing of what it carries, and logs nothing of it.
 */
export async function startRelay(options: RelayOptions): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, (request, response) => {
    answer(options, request, response).catch(() => send(response, 500, new Uint8Array()));
  });
  server.maxConnections = 1024;
  const { enclave, onBody } = options;
  const endSockets = relaySockets(server, { enclave, onBody });
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(options.port, options.host ?? '127.0.0.1', resolve),
  );
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP port has an address');
  return { url: `http://127.0.0.1:${address.port}`, close: () => close(server, endSockets) };
}

async function answer(options: RelayOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const route = `${request.method} ${request.url}`;
  const enclave = options.enclave();
  if (route === 'GET /health/live') return send(response, 200, new Uint8Array());
  if (route === 'GET /health/ready') return send(response, enclave === null ? 503 : 200, new Uint8Array());
  if (route !== 'GET /v1/evidence' && route !== 'POST /v1/channel') return send(response, 404, new Uint8Array());
  const body = route === 'POST /v1/channel' ? await readBody(request) : new Uint8Array();
  if (body === null) return send(response, 413, new Uint8Array());
  if (enclave === null) return send(response, 503, new Uint8Array());
  options.onBody?.(body);
  try {
    const bytes =
      route === 'GET /v1/evidence' ? encodeEvidenceBundle(await enclave.evidence()) : await enclave.exchange(body);
    options.onBody?.(bytes);
    send(response, 200, bytes);
  } catch (error) {
    // The enclave is gone, or answered something that is no answer; the client's own errors come sealed.
    send(response, isTeeError(error) && error.code === 'ERR_LINK_CLOSED' ? 503 : 502, new Uint8Array());
  }
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBodyBytes) return null;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function send(response: ServerResponse, status: number, body: Uint8Array): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/cbor', 'cache-control': 'no-store' });
  response.end(body);
}

async function close(server: Server, endSockets: () => void): Promise<void> {
  endSockets();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
