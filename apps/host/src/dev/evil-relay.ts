import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { evilTransport, type Misbehaviour } from '@neo-service-layer/evil-host';
import { HttpTransport } from '@neo-service-layer/tee-client';
import { encodeEvidenceBundle } from '@neo-service-layer/tee-interface';

/** A host that misbehaves, in front of an honest one. */
export interface EvilRelay {
  url: string;
  close(): Promise<void>;
}

/**
 * Listens at a port of this machine and relays to the host at `honest`, misbehaving on the way. Evidence and messages over
 * POST are meddled with; everything else of the host is passed on as it is, but WebSockets, which are refused.
 */
export async function startEvilRelay(
  honest: string,
  port: number,
  misbehaviours: readonly Misbehaviour[],
): Promise<EvilRelay> {
  const transport = evilTransport(new HttpTransport(honest), ...misbehaviours);
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(503).end());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    if (path.startsWith('/v1/evidence')) return cbor(response, encodeEvidenceBundle(await transport.evidence()));
    if (path === '/v1/channel' && request.method === 'POST')
      return cbor(response, await transport.exchange(await bodyOf(request)));
    // Put together as text: a path that begins with two slashes would name another host.
    const found = await fetch(`${honest}${path}`, { method: request.method ?? 'GET' });
    response.writeHead(found.status, {
      'content-type': found.headers.get('content-type') ?? 'text/plain',
      'content-security-policy': found.headers.get('content-security-policy') ?? "default-src 'none'",
    });
    response.end(Buffer.from(await found.arrayBuffer()));
  }
}

function cbor(response: ServerResponse, bytes: Uint8Array): void {
  response.writeHead(200, { 'content-type': 'application/cbor' }).end(bytes);
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}
