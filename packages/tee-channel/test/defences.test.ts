import { createHash } from 'node:crypto';
import { TeeError } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { parseRequestFrame } from '../src/frames.ts';
import { ChannelInitiator, ChannelResponder, EnclaveIdentity, parseMessage } from '../src/index.ts';
import { type ChannelParts, strictParts } from '../src/parts.ts';
import { receiveSessionKeys, sessionInfo } from '../src/session/handshake.ts';
import type { OfferedKey } from '../src/session/one-time-key.ts';
import { SessionKeys, sessionSecretLength } from '../src/session/session-keys.ts';
import { classicSuite } from '../src/suites.ts';
import { type Defence, weakParts } from '../src/unsafe.ts';
import { enclaveEnd, openThrough, readAll, streamOf, utf8 } from './ends.ts';

// What a host can do with nothing but a transport is in packages/evil-host. Here is what needs the inside of an end.

describe('who recorded everything and takes the memory of the enclave afterwards', () => {
  const steal = async (without: readonly Defence[]) => {
    const held: OfferedKey[] = [];
    const parts: ChannelParts = weakParts(without);
    const { offeredKey } = parts;
    parts.offeredKey = (pair) => {
      const key = offeredKey(pair);
      held.push(key);
      return key;
    };
    const end = await enclaveEnd();
    const handle = async (payload: Uint8Array) => payload;
    const responder = new ChannelResponder({ identity: end.identity, now: () => 0, handle }, parts);
    const recorded: Uint8Array[] = [];
    const note = (message: Uint8Array) => {
      recorded.push(message);
      return message;
    };
    const channel = await openThrough({ ...end, responder }, { there: note, back: note });
    await channel.call(utf8.encode('harvested'));
    // Now the memory is taken: whatever key is still there.
    const pair = held[0]?.take() ?? null;
    const [hello, welcome, message] = recorded;
    const request = parseMessage(message ?? new Uint8Array());
    if (pair === null || !hello || !welcome || request.type !== 'request') return null;
    const { sessionId, enc, sequence, sealed } = request;
    const info = await sessionInfo(hello, welcome);
    const names = { suite: classicSuite, sessionId, info, layout: strictParts.layout, psk: null };
    const opened = await (await receiveSessionKeys(names, pair, enc)).openRequest(sequence, sealed);
    const frame = opened === null ? null : parseRequestFrame(opened);
    return frame?.type === 'call' ? utf8.decode(frame.payload) : null;
  };

  it('reads nothing: the key of the session was forgotten at its first request', async () => {
    expect(await steal([])).toBeNull();
  });

  it('reads it all where the key is kept', async () => {
    expect(await steal(['key-erasure'])).toBe('harvested');
  });
});

describe('the two directions', () => {
  it('have keys of their own; with one key for both, a client would take its own request for an answer', async () => {
    const exported = new Uint8Array(createHash('sha512').update('any secret').digest()).subarray(0, 54);
    const secret = new Uint8Array([...exported, ...exported]).slice(0, sessionSecretLength);
    const names = { sessionId: new Uint8Array(16), enc: new Uint8Array(32), layout: strictParts.layout };
    const keys = await SessionKeys.from(names, secret);
    const sealed = await keys.sealRequest(3, ['call', utf8.encode('mine')]);
    expect(await keys.openResponse(3, new Uint8Array(32), sealed)).toBeNull();
    // The counter-test: what an end with one key for both would find.
    expect(await keys.openRequest(3, sealed)).not.toBeNull();
  });
});

describe('an answer cut short', () => {
  const cut = async (treat: (stream: ReadableStream<Uint8Array>) => Promise<Uint8Array>) => {
    const source = streamOf(Array.from({ length: 10 }, () => utf8.encode('1000 coins to Alice. ')));
    const end = await enclaveEnd({ handleStream: async () => source.stream });
    const channel = await openThrough(end, {
      back: (message, count) => {
        if (count > 5) throw new TeeError('ERR_TRANSPORT', 'the carrier ends here');
        return message;
      },
    });
    return utf8.decode(await treat(await channel.stream(utf8.encode('list'), { window: 1 })));
  };

  it('is an error', async () => {
    expect((await thrownBy(() => cut(readAll))).code).toBe('ERR_TRANSPORT');
  });

  it('would be a shorter answer to whom the end of the carrier is the end of the message', async () => {
    const naive = async (stream: ReadableStream<Uint8Array>) => {
      const chunks: Uint8Array[] = [];
      const reader = stream.getReader();
      const next = () => reader.read().catch(() => ({ done: true, value: undefined }) as const);
      for (let piece = await next(); !piece.done; piece = await next()) chunks.push(piece.value ?? new Uint8Array());
      return Buffer.concat(chunks);
    };
    expect(await cut(naive)).toMatch(/^(1000 coins to Alice. ){1,9}$/);
  });
});

describe('a ticket', () => {
  it('that another client stole with its secret is that client; without, it is nothing', async () => {
    const end = await enclaveEnd();
    const resume = await (await openThrough(end)).ticket();
    const thief = await openThrough(end, {}, { resume: { ...resume, secret: new Uint8Array(32) } });
    expect((await thrownBy(() => thief.call(utf8.encode('x')))).code).toBe('ERR_CHANNEL_AUTH');
    const heir = await openThrough(end, {}, { resume });
    expect(utf8.decode(await heir.call(utf8.encode('x')))).toBe('xx');
  });

  it('does not stand in for the signature: an impostor that has the secret is refused all the same', async () => {
    const end = await enclaveEnd();
    const resume = await (await openThrough(end)).ticket();
    const impostor = await enclaveEnd({ identity: await EnclaveIdentity.generate() });
    const exchange = (message: Uint8Array) => impostor.responder.receive(message);
    const options = { claims: end.claims, evidenceDigest: new Uint8Array(32), exchange, resume };
    expect((await thrownBy(() => ChannelInitiator.open(options))).code).toBe('ERR_CHANNEL_AUTH');
  });
});

describe('a downgrade', () => {
  it('has no clear mode and no other version to go to', async () => {
    const end = await enclaveEnd();
    const clear = new Uint8Array(Buffer.from('{"method":"getInfo"}'));
    expect(parseMessage(await end.responder.receive(clear))).toEqual({ type: 'refused', code: 'ERR_CHANNEL_PROTOCOL' });
    expect(end.handled).toEqual([]);
  });
});
