import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { type ChannelMessage, encodeMessage, parseMessage } from '../src/index.ts';
import { enclaveEnd, openThrough, utf8 } from './ends.ts';

const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;

describe('a session that follows another', () => {
  it('needs the ticket and its secret, and has a fresh key all the same', async () => {
    const end = await enclaveEnd();
    const first = await openThrough(end);
    const resume = await first.ticket();
    const kemKeys: string[] = [];
    const note = (message: Uint8Array, count: number) => {
      const parsed = parseMessage(message);
      if (count === 0 && parsed.type === 'welcome') kemKeys.push(Buffer.from(parsed.kemKey).toString('hex'));
      return message;
    };
    for (let i = 0; i < 2; i += 1) {
      const channel = await openThrough(end, { back: note }, { resume });
      expect(channel.isResumed).toBe(true);
      expect(utf8.decode(await channel.call(utf8.encode('on')))).toBe('onon');
    }
    expect(new Set(kemKeys).size).toBe(2);
    expect(first.isResumed).toBe(false);
  });

  it('is not opened by a ticket without its secret, though the host saw the ticket', async () => {
    const end = await enclaveEnd();
    const resume = await (await openThrough(end)).ticket();
    const thief = await openThrough(end, {}, { resume: { ...resume, secret: new Uint8Array(32) } });
    expect(await codeOf(() => thief.call(utf8.encode('x')))).toBe('ERR_CHANNEL_AUTH');
    expect(end.handled).toEqual([]);
  });

  it('gets a secret of its own with every ticket', async () => {
    const channel = await openThrough(await enclaveEnd());
    const [a, b] = [await channel.ticket(), await channel.ticket()];
    expect(Buffer.from(a.secret).equals(b.secret)).toBe(false);
    expect(Buffer.from(a.ticket).equals(b.ticket)).toBe(false);
  });

  it('is a whole new one where the ticket is not known: another boot, too old, or changed', async () => {
    const end = await enclaveEnd();
    const resume = await (await openThrough(end)).ticket();
    const restarted = await enclaveEnd();
    const changed = resume.ticket.slice();
    changed[20] = (changed[20] ?? 0) ^ 1;
    for (const [where, ticket] of [
      [restarted, resume.ticket],
      [end, changed],
      [end, resume.ticket.subarray(0, 12)],
      [end, new Uint8Array(256)],
    ] as const) {
      const channel = await openThrough(where, {}, { resume: { ...resume, ticket } });
      expect(channel.isResumed).toBe(false);
      expect(utf8.decode(await channel.call(utf8.encode('y')))).toBe('yy');
    }
    end.clock.seconds += 3601;
    expect((await openThrough(end, {}, { resume })).isResumed).toBe(false);
  });

  it('is not one because the host says so', async () => {
    const end = await enclaveEnd();
    const claim = async (message: ChannelMessage, resume: Awaited<ReturnType<typeof ticket>> | null) => {
      const back = (bytes: Uint8Array, count: number) => (count === 0 ? encodeMessage(message) : bytes);
      return codeOf(() => openThrough(end, { back }, resume === null ? {} : { resume }));
    };
    const ticket = async () => (await openThrough(end)).ticket();
    let welcome: ChannelMessage | null = null;
    await openThrough(end, {
      back: (message, count) => {
        if (count === 0) welcome = parseMessage(message);
        return message;
      },
    });
    const found = welcome as ChannelMessage | null;
    if (found?.type !== 'welcome') throw new Error('expected a welcome');
    expect(await claim({ ...found, resumed: true }, null)).toBe('ERR_CHANNEL_AUTH');
    expect(await claim({ ...found, resumed: true }, await ticket())).toBe('ERR_CHANNEL_AUTH');
  });
});

describe('an audience', () => {
  it('is granted by the enclave that has that name, and by no other', async () => {
    const named = await enclaveEnd({ audience: 'payments.example' });
    const channel = await openThrough(named, {}, { audience: 'payments.example' });
    expect(utf8.decode(await channel.call(utf8.encode('a')))).toBe('aa');
    await openThrough(named);
    for (const end of [named, await enclaveEnd()]) {
      expect(await codeOf(() => openThrough(end, {}, { audience: 'other.example' }))).toBe('ERR_CHANNEL_AUDIENCE');
    }
    expect(await codeOf(() => openThrough(named, {}, { audience: 'é'.repeat(128) }))).toBe('ERR_INVALID_ARGUMENT');
  });
});

describe('a session id and key that the host makes up', () => {
  it('keeps no place in the enclave', async () => {
    const end = await enclaveEnd();
    let sessionId = new Uint8Array();
    await openThrough(end, {
      back: (message) => {
        const parsed = parseMessage(message);
        if (parsed.type === 'welcome') sessionId = new Uint8Array(parsed.sessionId);
        return message;
      },
    });
    const enc = new Uint8Array(32).fill(9);
    const made = encodeMessage({ type: 'request', sessionId, sequence: 0, enc, sealed: new Uint8Array(272) });
    expect(parseMessage(await end.responder.receive(made))).toEqual({ type: 'refused', code: 'ERR_CHANNEL_AUTH' });
    expect(end.responder.sessionCount).toBe(0);
    // A key of low order gives no shared secret at all (RFC 9180 §7.1.4).
    const low = encodeMessage({ type: 'request', sessionId, sequence: 0, enc: new Uint8Array(32), sealed: enc });
    expect(parseMessage(await end.responder.receive(low))).toMatchObject({ type: 'refused' });
  });
});
