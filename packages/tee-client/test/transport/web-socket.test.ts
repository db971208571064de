import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HostLink } from '@neo-service-layer/tee-channel/host-link';
import { type EvidenceBundle, TeeError } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  type AnswerRelayOptions,
  answerRelay,
  type Transport,
  type WebSocketLike,
  WebSocketTransport,
  webSocketStream,
} from '../../src/index.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const Socket = WebSocket as unknown as new (url: string) => WebSocketLike;

const bundle: EvidenceBundle = {
  quote: Uint8Array.of(1),
  claims: Uint8Array.of(2),
  collateral: {
    tcbInfo: Uint8Array.of(3),
    tcbInfoIssuerChain: Uint8Array.of(4),
    qeIdentity: Uint8Array.of(5),
    qeIdentityIssuerChain: Uint8Array.of(6),
  },
};

const echo: Transport = {
  evidence: async () => bundle,
  exchange: async (message) => message.slice(),
  close: async () => {},
};

/** A relay on a port of its own, with the links of its clients. */
async function relay(enclave: () => Transport | null = () => echo, options: AnswerRelayOptions = {}) {
  const server = createServer();
  const sockets = new WebSocketServer({ server, path: '/v1/channel' });
  const links: HostLink[] = [];
  sockets.on('connection', (socket) => {
    links.push(answerRelay(webSocketStream(socket as unknown as WebSocketLike), enclave, options));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const client of sockets.clients) client.terminate();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const transport = new WebSocketTransport(`${url}/`, { WebSocket: Socket });
  closers.push(() => void transport.close());
  return { url, links, transport, sockets };
}

describe('the WebSocket transport', () => {
  it('reads evidence and carries messages over one socket, many at once, large ones too', async () => {
    const { transport, links } = await relay();
    expect(await transport.evidence()).toEqual(bundle);
    const messages = Array.from({ length: 20 }, (_, index) => new Uint8Array(index * 100_000).fill(index));
    const answers = await Promise.all(messages.map((message) => transport.exchange(message)));
    expect(answers.every((answer, index) => Buffer.compare(answer, messages[index] ?? new Uint8Array()) === 0)).toBe(
      true,
    );
    expect(links).toHaveLength(1);
  });

  it('fails what is under way when the socket breaks, repeats nothing, and opens another one for the next', async () => {
    let exchanged = 0;
    const { transport, links } = await relay(() => ({
      ...echo,
      exchange: (message) => {
        exchanged += 1;
        return message.length === 0 ? new Promise(() => {}) : echo.exchange(message);
      },
    }));
    const hanging = thrownBy(() => transport.exchange(new Uint8Array()));
    await transport.exchange(Uint8Array.of(1));
    links[0]?.close();
    expect((await hanging).code).toBe('ERR_TRANSPORT');
    expect(await transport.exchange(Uint8Array.of(2))).toEqual(Uint8Array.of(2));
    expect(exchanged).toBe(3);
    expect(links).toHaveLength(2);
  });

  it('says when nobody listens, when no enclave runs, and when nothing comes in time', async () => {
    const nobody = new WebSocketTransport('http://127.0.0.1:9', { WebSocket: Socket });
    expect((await thrownBy(() => nobody.evidence())).code).toBe('ERR_TRANSPORT');
    const { transport } = await relay(() => null);
    expect(await thrownBy(() => transport.evidence())).toMatchObject({
      code: 'ERR_TRANSPORT',
      actual: 'ERR_LINK_CLOSED',
    });
    const { url } = await relay(() => ({ ...echo, exchange: () => new Promise(() => {}) }));
    const impatient = new WebSocketTransport(url, { WebSocket: Socket, timeoutMs: 30 });
    closers.push(() => void impatient.close());
    expect((await thrownBy(() => impatient.exchange(new Uint8Array()))).code).toBe('ERR_TRANSPORT');
  });

  it('is of no use after it was closed, and says how to have one where the platform has none', async () => {
    const { transport, url } = await relay();
    await transport.evidence();
    await transport.close();
    expect((await thrownBy(() => transport.evidence())).code).toBe('ERR_DISPOSED');
    if ('WebSocket' in globalThis) return;
    expect((await thrownBy(() => new WebSocketTransport(url).evidence())).code).toBe('ERR_INVALID_ARGUMENT');
  });

  it('takes no text and no garbage from a relay', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await new Promise((resolve) => server.once('listening', resolve));
    closers.push(() => {
      for (const client of server.clients) client.terminate();
      server.close();
    });
    const garbage = ['text', new Uint8Array(64).fill(0xff)];
    server.on('connection', (socket) => socket.on('message', () => socket.send(garbage.shift() ?? 'text')));
    const transport = new WebSocketTransport(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
      WebSocket: Socket,
    });
    closers.push(() => void transport.close());
    for (const _ of [1, 2])
      expect((await thrownBy(() => transport.exchange(Uint8Array.of(1)))).code).toBe('ERR_TRANSPORT');
  });
});

describe('a relay that answers sockets', () => {
  it('cuts off a client that sends garbage or text, and no other', async () => {
    const { transport, url } = await relay();
    await transport.evidence();
    for (const rubbish of ['text', new Uint8Array(64).fill(0xff)]) {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/channel`);
      const closed = new Promise((resolve) => socket.on('close', resolve));
      socket.on('open', () => socket.send(rubbish));
      await closed;
    }
    expect(await transport.exchange(Uint8Array.of(1))).toEqual(Uint8Array.of(1));
  });

  it('carries so many messages of one client at once and refuses more', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: Transport = { ...echo, exchange: (message) => held.then(() => message.slice()) };
    const { transport } = await relay(() => slow, { maxInFlight: 2 });
    const calls = [1, 2, 3].map((value) => transport.exchange(Uint8Array.of(value)));
    const settled = Promise.allSettled(calls);
    expect((await thrownBy(() => calls[2] ?? Promise.resolve())).code).toBe('ERR_BUSY');
    release();
    expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });

  it('tells the code of what failed behind it, and nothing else is asked of it', async () => {
    const failing: Transport = {
      ...echo,
      evidence: async () => {
        throw new TeeError('ERR_COLLATERAL_UNREACHABLE', 'no collateral');
      },
    };
    const { transport } = await relay(() => failing);
    expect(await thrownBy(() => transport.evidence())).toMatchObject({
      code: 'ERR_TRANSPORT',
      actual: 'ERR_COLLATERAL_UNREACHABLE',
    });
  });
});
