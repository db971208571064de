import { request } from 'node:http';
import { HttpTransport, type Transport, type WebSocketLike, WebSocketTransport } from '@neo-service-layer/tee-client';
import { TeeError } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startRelay } from '../../src/relay/relay-server.ts';

const empty = new Uint8Array();
const collateral = { tcbInfo: empty, tcbInfoIssuerChain: empty, qeIdentity: empty, qeIdentityIssuerChain: empty };
const echo: Transport = {
  evidence: async () => ({ quote: Uint8Array.of(1), claims: Uint8Array.of(2), collateral }),
  exchange: async (message) => message,
  close: async () => {},
};

let close: (() => Promise<void>) | null = null;
afterEach(async () => {
  await close?.();
  close = null;
});

async function relayTo(enclave: () => Transport | null): Promise<string> {
  const relay = await startRelay({ port: 0, enclave });
  close = relay.close;
  return relay.url;
}

describe('the relay', () => {
  it('carries evidence and messages', async () => {
    const transport = new HttpTransport(await relayTo(() => echo));
    expect(await transport.evidence()).toMatchObject({ quote: Uint8Array.of(1) });
    const large = new Uint8Array(5_000_000).fill(9);
    expect(Buffer.from(await transport.exchange(large)).equals(large)).toBe(true);
  });

  it('is live without an enclave, but not ready', async () => {
    const url = await relayTo(() => null);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect((await fetch(`${url}/health/ready`)).status).toBe(503);
    expect((await thrownBy(() => new HttpTransport(url).evidence())).code).toBe('ERR_TRANSPORT');
  });

  it('answers 503 when the enclave goes while a call is in flight, and tells nothing else', async () => {
    const lost: Transport = {
      ...echo,
      exchange: async () => {
        throw new TeeError('ERR_LINK_CLOSED', 'a detail');
      },
    };
    const url = await relayTo(() => lost);
    const response = await fetch(`${url}/v1/channel`, { method: 'POST', body: Uint8Array.of(1) });
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('');
  });

  it.each([
    ['GET', '/'],
    ['POST', '/v1/evidence'],
    ['GET', '/v1/channel'],
    ['GET', '/../etc/passwd'],
  ])('has nothing at %s %s', async (method, path) => {
    const url = await relayTo(() => echo);
    expect((await fetch(url + path, { method })).status).toBe(404);
  });

  it('does not read more than a message can be long', async () => {
    const url = await relayTo(() => echo);
    const status = await new Promise<number>((resolve) => {
      const upload = request(`${url}/v1/channel`, { method: 'POST' }, (response) => resolve(response.statusCode ?? 0));
      upload.on('error', () => resolve(-1));
      const chunk = Buffer.alloc(1024 * 1024);
      for (let i = 0; i < 45; i += 1) upload.write(chunk);
      upload.end();
    });
    expect([413, -1]).toContain(status);
  });
});

describe('the relay over a WebSocket', () => {
  const over = (url: string) =>
    new WebSocketTransport(url, { WebSocket: WebSocket as unknown as new (url: string) => WebSocketLike });

  it('carries evidence and messages', async () => {
    const transport = over(await relayTo(() => echo));
    expect(await transport.evidence()).toMatchObject({ quote: Uint8Array.of(1) });
    const large = new Uint8Array(5_000_000).fill(9);
    expect(Buffer.from(await transport.exchange(large)).equals(large)).toBe(true);
    await transport.close();
  });

  it('is at one address only', async () => {
    const url = await relayTo(() => echo);
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/evidence`);
    const error = await new Promise<Error>((resolve) => socket.on('error', resolve));
    expect(error.message).toContain('404');
  });

  it('ends its sockets with the relay', async () => {
    const url = await relayTo(() => ({ ...echo, exchange: () => new Promise(() => {}) }));
    const transport = over(url);
    const hanging = thrownBy(() => transport.exchange(Uint8Array.of(1)));
    await transport.evidence();
    await close?.();
    expect((await hanging).code).toBe('ERR_TRANSPORT');
  });
});
