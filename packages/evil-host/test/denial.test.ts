import {
  ChannelInitiator,
  ChannelResponder,
  EnclaveIdentity,
  encodeMessage,
  parseMessage,
} from '@neo-service-layer/tee-channel';
import { type Defence, unsafeResponder } from '@neo-service-layer/tee-channel/unsafe';
import type { Transport } from '@neo-service-layer/tee-client';
import { TeeError } from '@neo-service-layer/tee-interface';
import { decodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { drop, evilTransport, kindOf, requests, reverse } from '../src/index.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);

/** An enclave's end that notes what it handled, and clients of it over a transport that may be evil. */
async function enclaveEnd(
  options: Partial<ConstructorParameters<typeof ChannelResponder>[0]> = {},
  without: Defence[] = [],
) {
  const identity = await EnclaveIdentity.generate();
  const handled: string[] = [];
  const all = {
    identity,
    now: () => Date.now() / 1000,
    handle: async (payload: Uint8Array) => {
      handled.push(Buffer.from(payload).toString());
      return payload;
    },
    ...options,
  };
  const responder = without.length === 0 ? new ChannelResponder(all) : unsafeResponder(all, without);
  const honest: Transport = {
    evidence: () => Promise.reject(new TypeError('not asked for')),
    exchange: (message: Uint8Array) => responder.receive(message),
    close: async () => {},
  };
  const open = (transport: Pick<Transport, 'exchange'> = honest) =>
    ChannelInitiator.open({
      claims: {
        identityKey: identity.publicKey,
        suites: [1],
        minVersion: 1,
        configHash: new Uint8Array(32),
        bootId: new Uint8Array(16),
        notAfter: 2_000_000_000,
        nonce: new Uint8Array(),
      },
      evidenceDigest: new Uint8Array(32),
      exchange: (message) => transport.exchange(message),
    });
  return { responder, honest, open, handled };
}

const hello = encodeMessage({
  type: 'hello',
  version: 1,
  suites: [1],
  nonce: new Uint8Array(32),
  audience: '',
  evidenceDigest: new Uint8Array(32),
  ticket: new Uint8Array(),
});

async function flood(responder: ChannelResponder, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await responder.receive(hello);
}

describe('a flood of hellos', () => {
  it('takes a bounded place, and disturbs no session in use', async () => {
    const { responder, open } = await enclaveEnd({ maxOffers: 16 });
    const channel = await open();
    await channel.call(utf8('before'));
    await flood(responder, 200);
    expect(responder.sessionCount).toBeLessThanOrEqual(17);
    expect(Buffer.from(await channel.call(utf8('after'))).toString()).toBe('after');
  });

  it('(counter-test) would take as much place as it likes where nothing bounds it', async () => {
    const { responder } = await enclaveEnd({ maxOffers: Number.POSITIVE_INFINITY });
    await flood(responder, 200);
    expect(responder.sessionCount).toBe(200);
  });
});

describe('sessions that the host made up', () => {
  /** Takes up so many offers with a first request that no client sealed. */
  async function madeUp(responder: ChannelResponder, count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      const welcome = parseMessage(await responder.receive(hello));
      if (welcome.type !== 'welcome') return;
      const enc = welcome.kemKey;
      await responder.receive(
        encodeMessage({ type: 'request', sessionId: welcome.sessionId, sequence: 0, enc, sealed: new Uint8Array(300) }),
      );
    }
  }

  it('keep no place from clients', async () => {
    const { responder, open } = await enclaveEnd({ maxSessions: 8 });
    await madeUp(responder, 20);
    expect(Buffer.from(await (await open()).call(utf8('x'))).toString()).toBe('x');
  });

  it('(counter-test) would keep all places if they stayed', async () => {
    const { responder, open } = await enclaveEnd({ maxSessions: 8 }, ['unproven-go']);
    await madeUp(responder, 20);
    expect((await thrownBy(open)).code).toBe('ERR_BUSY');
  });
});

describe('a lost answer', () => {
  it('is an error for the client, and the call was made once', async () => {
    const { honest, open, handled } = await enclaveEnd();
    const channel = await open(evilTransport(honest, drop('back', requests(0))));
    expect((await thrownBy(() => channel.call(utf8('pay')))).code).toBe('ERR_TRANSPORT');
    expect(handled).toEqual(['pay']);
  });

  it('(counter-test) would have the call made twice by a client that repeats by itself', async () => {
    const { honest, open, handled } = await enclaveEnd();
    const channel = await open(evilTransport(honest, drop('back', requests(0))));
    const pay = () => channel.call(utf8('pay'));
    await pay().catch(pay);
    expect(handled).toEqual(['pay', 'pay']);
  });
});

describe('pieces in another order', () => {
  const pieces = ['one ', 'two ', 'three '];

  it('are put in order by their numbers when they are a stream', async () => {
    const received: string[] = [];
    const { honest, open } = await enclaveEnd({
      handleStream: async ({ body }) => {
        for await (const piece of body) received.push(Buffer.from(piece).toString());
        return new Response('done').body ?? new ReadableStream();
      },
    });
    // The opening is the first request; the pieces are the next ones, all under way at once.
    let seen = 0;
    const after = ({ message }: { message: Uint8Array }) => kindOf(message) === 'request' && ++seen > 1 && seen <= 4;
    const channel = await open(evilTransport(honest, reverse(after, 3)));
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of pieces) controller.enqueue(utf8(piece));
        controller.close();
      },
    });
    const answer = await channel.stream(utf8('list'), { body });
    expect(await new Response(answer as ReadableStream<Uint8Array<ArrayBuffer>>).text()).toBe('done');
    expect(received.join('')).toBe('one two three ');
  });

  it('(counter-test) come as the host likes when they are calls of their own', async () => {
    const { honest, open, handled } = await enclaveEnd();
    const channel = await open(evilTransport(honest, reverse(requests(), 3)));
    await Promise.all(pieces.map((piece) => channel.call(utf8(piece))));
    expect(handled.join('')).toBe('three two one ');
  });
});

describe('requests of before a restart', () => {
  async function replayed(
    second: { receive(message: Uint8Array): Promise<Uint8Array> },
    first: Awaited<ReturnType<typeof enclaveEnd>>,
  ) {
    const recorded: Uint8Array[] = [];
    const channel = await first.open({
      ...first.honest,
      exchange: async (message) => {
        recorded.push(message.slice());
        return first.honest.exchange(message);
      },
    });
    await channel.call(utf8('pay'));
    return parseMessage(await second.receive(recorded.at(-1) ?? new Uint8Array()));
  }

  it('are unknown to the enclave that started since: its keys are its own', async () => {
    const [first, second] = [await enclaveEnd(), await enclaveEnd()];
    expect(await replayed(second.responder, first)).toEqual({ type: 'refused', code: 'ERR_CHANNEL_SESSION' });
    expect(second.handled).toEqual([]);
  });

  it('(counter-test) would be made again by one that kept the keys and the sessions, and no numbers', async () => {
    const only = await enclaveEnd({}, ['replay-window']);
    expect((await replayed(only.responder, only)).type).toBe('response');
    expect(only.handled).toEqual(['pay', 'pay']);
  });
});

describe('an error that the host makes up', () => {
  it('is one of the carrier or the channel for the client, never one of the enclave’s program', async () => {
    const { honest, open } = await enclaveEnd();
    for (const code of ['ERR_JS_USER', 'ERR_NOT_FOUND', 'ERR_CHANNEL_SESSION'] as const) {
      const channel = await open({
        ...honest,
        exchange: async (message) =>
          kindOf(message) === 'request' ? encodeMessage({ type: 'refused', code }) : honest.exchange(message),
      });
      expect((await thrownBy(() => channel.call(utf8('x')))).code).toMatch(/^ERR_CHANNEL_(SESSION|PROTOCOL)$/);
    }
  });

  it('(counter-test) would be the program’s for a client that takes whatever code it reads', () => {
    const forged = encodeMessage({ type: 'refused', code: 'ERR_JS_USER' });
    const [type, code] = decodeCanonical(forged) as string[];
    expect([type, code]).toEqual(['refused', 'ERR_JS_USER']);
    expect(() => parseMessage(forged)).toThrow();
  });

  it('is told from one that the program makes, which comes sealed', async () => {
    const { open } = await enclaveEnd({
      handle: async () => {
        throw new TeeError('ERR_NOT_FOUND', 'of the program');
      },
    });
    expect((await thrownBy(async () => (await open()).call(utf8('x')))).code).toBe('ERR_NOT_FOUND');
  });
});
