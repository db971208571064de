import { createServer, type RequestListener, type Server } from 'node:http';
import { encodeEvidenceBundle } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpTransport, type HttpTransportOptions } from '../../src/index.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function relay(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

const bundle = {
  quote: Uint8Array.of(1),
  claims: Uint8Array.of(2),
  collateral: {
    tcbInfo: Uint8Array.of(3),
    tcbInfoIssuerChain: Uint8Array.of(4),
    qeIdentity: Uint8Array.of(5),
    qeIdentityIssuerChain: Uint8Array.of(6),
  },
};

const carriers = {
  'node:http': {},
  fetch: { fetch: globalThis.fetch },
};

describe.each(Object.entries(carriers))('the HTTP transport over %s', (_carrier, carrier) => {
  const over = (base: string, options: HttpTransportOptions = {}) =>
    new HttpTransport(base, { ...carrier, ...options });

  it('reads evidence and carries messages, whatever slashes the address ends with', async () => {
    const base = await relay((request, response) => {
      if (request.url === '/v1/evidence') return response.end(encodeEvidenceBundle(bundle));
      return request.pipe(response);
    });
    const transport = over(`${base}//`);
    expect(await transport.evidence()).toEqual(bundle);
    expect(await transport.exchange(Uint8Array.of(7, 8))).toEqual(Uint8Array.of(7, 8));
  });

  it.each([[404], [500], [503]])('says when the relay answers %i', async (status) => {
    const base = await relay((_request, response) => response.writeHead(status).end());
    const error = await thrownBy(() => over(base).exchange(new Uint8Array()));
    expect(error).toMatchObject({ code: 'ERR_TRANSPORT', actual: String(status) });
  });

  it('follows no redirect: the relay does not choose where messages go', async () => {
    const base = await relay((_request, response) =>
      response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end(),
    );
    expect((await thrownBy(() => over(base).evidence())).code).toBe('ERR_TRANSPORT');
  });

  it('does not let an endless answer fill its memory', async () => {
    const base = await relay((_request, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    });
    const transport = over(base, { maxResponseBytes: 1_000_000 });
    expect(await thrownBy(() => transport.exchange(new Uint8Array()))).toMatchObject({
      code: 'ERR_TRANSPORT',
      expected: 'at most 1000000 bytes',
    });
  });

  it('gives up on a relay that keeps silent', async () => {
    const base = await relay(() => {});
    const error = await thrownBy(() => over(base, { timeoutMs: 50 }).evidence());
    expect(error).toMatchObject({ code: 'ERR_TRANSPORT', actual: 'TimeoutError' });
  });

  it('refuses evidence of another shape', async () => {
    const base = await relay((_request, response) => response.end('not cbor'));
    expect((await thrownBy(() => over(base).evidence())).code).toBe('ERR_CBOR');
  });

  it('says when nobody is there', async () => {
    expect((await thrownBy(() => over('http://127.0.0.1:9').evidence())).code).toBe('ERR_TRANSPORT');
  });

  it('takes no answer for whole that was cut off', async () => {
    const base = await relay((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half of it', () => response.destroy());
    });
    expect((await thrownBy(() => over(base).exchange(Uint8Array.of(1)))).code).toBe('ERR_TRANSPORT');
  });

  it('carries many messages at once, each to its own answer', async () => {
    const base = await relay((request, response) => request.pipe(response));
    const transport = over(base);
    const messages = Array.from({ length: 50 }, (_, index) => new Uint8Array(1000 + index).fill(index));
    const answers = await Promise.all(messages.map((message) => transport.exchange(message)));
    expect(answers.map((answer) => answer.length)).toEqual(messages.map((message) => message.length));
  });
});
