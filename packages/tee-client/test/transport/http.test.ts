import { createServer, type RequestListener, type Server } from 'node:http';
import { encodeEvidenceBundle } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpTransport } from '../../src/index.ts';

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

describe('the HTTP transport', () => {
  it('reads evidence and carries messages, whatever slashes the address ends with', async () => {
    const base = await relay((request, response) => {
      if (request.url === '/v1/evidence') return response.end(encodeEvidenceBundle(bundle));
      return request.pipe(response);
    });
    const transport = new HttpTransport(`${base}//`);
    expect(await transport.evidence()).toEqual(bundle);
    expect(await transport.exchange(Uint8Array.of(7, 8))).toEqual(Uint8Array.of(7, 8));
  });

  it.each([[404], [500], [503]])('says when the relay answers %i', async (status) => {
    const base = await relay((_request, response) => response.writeHead(status).end());
    const error = await thrownBy(() => new HttpTransport(base).exchange(new Uint8Array()));
    expect(error).toMatchObject({ code: 'ERR_TRANSPORT', actual: String(status) });
  });

  it('follows no redirect: the relay does not choose where messages go', async () => {
    const base = await relay((_request, response) =>
      response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end(),
    );
    expect((await thrownBy(() => new HttpTransport(base).evidence())).code).toBe('ERR_TRANSPORT');
  });

  it('does not let an endless answer fill its memory', async () => {
    const base = await relay((_request, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    });
    const transport = new HttpTransport(base, { maxResponseBytes: 1_000_000 });
    expect(await thrownBy(() => transport.exchange(new Uint8Array()))).toMatchObject({
      code: 'ERR_TRANSPORT',
      expected: 'at most 1000000 bytes',
    });
  });

  it('gives up on a relay that keeps silent', async () => {
    const base = await relay(() => {});
    const error = await thrownBy(() => new HttpTransport(base, { timeoutMs: 50 }).evidence());
    expect(error).toMatchObject({ code: 'ERR_TRANSPORT', actual: 'TimeoutError' });
  });

  it('refuses evidence of another shape', async () => {
    const base = await relay((_request, response) => response.end('not cbor'));
    expect((await thrownBy(() => new HttpTransport(base).evidence())).code).toBe('ERR_CBOR');
  });

  it('says when nobody is there', async () => {
    expect((await thrownBy(() => new HttpTransport('http://127.0.0.1:9').evidence())).code).toBe('ERR_TRANSPORT');
  });
});
