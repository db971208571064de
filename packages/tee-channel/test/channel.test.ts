import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type CallContext, encodeMessage, parseMessage } from '../src/index.ts';
import { enclaveEnd, openThrough, utf8 } from './ends.ts';

const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;
const flip = (bytes: Uint8Array, bit: number) => {
  const changed = bytes.slice();
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
};

const recordInto = (messages: Uint8Array[]) => (message: Uint8Array) => {
  messages.push(message);
  return message;
};

describe('an attested channel', () => {
  it('carries calls that overlap, each to its own answer', async () => {
    const end = await enclaveEnd();
    const channel = await openThrough(end);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => channel.call(utf8.encode(`call ${i}.`))));
    expect(answers.map(utf8.decode)).toEqual(Array.from({ length: 50 }, (_, i) => `call ${i}.call ${i}.`));
  });

  it('depends on no buffer of its carrier', async () => {
    const end = await enclaveEnd();
    const used: Uint8Array[] = [];
    const channel = await openThrough(end, {
      there: (message) => {
        for (const buffer of used.splice(0)) buffer.fill(0xff);
        return message;
      },
      back: (message) => {
        const buffer = message.slice();
        used.push(buffer);
        return buffer;
      },
    });
    for (const text of ['a', 'b', 'c']) expect(utf8.decode(await channel.call(utf8.encode(text)))).toBe(text + text);
  });

  it('shows its carrier neither payload nor its exact length', async () => {
    const end = await enclaveEnd();
    const seen: Uint8Array[] = [];
    const record = (message: Uint8Array) => {
      seen.push(message);
      return message;
    };
    const channel = await openThrough(end, { there: record, back: record });
    const before = seen.length;
    await channel.call(utf8.encode('SECRET'));
    await channel.call(utf8.encode('SECRET and a little longer'));
    expect(seen.some((message) => Buffer.from(message).includes('SECRET'))).toBe(false);
    const [first, firstAnswer, second, secondAnswer] = seen.slice(before);
    expect(first?.length).toBe(second?.length);
    expect(firstAnswer?.length).toBe(secondAnswer?.length);
  });

  it('does not open to anyone but the identity that was attested', async () => {
    const attested = await enclaveEnd();
    const other = await enclaveEnd();
    expect(await codeOf(() => openThrough({ ...other, claims: attested.claims }))).toBe('ERR_CHANNEL_AUTH');
  });

  it('does not open with any byte of the welcome changed', async () => {
    const end = await enclaveEnd();
    let length = 0;
    const measure = (message: Uint8Array) => {
      length = message.length;
      return message;
    };
    await openThrough(end, { back: measure });
    expect(length).toBeGreaterThan(120);
    for (let byte = 0; byte < length; byte += 1) {
      // The bit moves with the byte.
      const code = await codeOf(() => openThrough(end, { back: (message) => flip(message, byte * 8 + (byte % 8)) }));
      expect(code).toMatch(/^ERR_CHANNEL_/);
    }
  });

  it('handles no request with any bit flipped', async () => {
    const end = await enclaveEnd();
    let flipped = 0;
    for (let bit = 0; bit < 400 * 8; bit += 37) {
      const code = await codeOf(async () => {
        const channel = await openThrough(end, {
          there: (message, count) => {
            if (count === 0 || bit >= message.length * 8) return message;
            flipped += 1;
            return flip(message, bit);
          },
        });
        await channel.call(utf8.encode('never'));
        throw Object.assign(new Error('unchanged'), { code: 'UNCHANGED' });
      });
      if (code !== 'UNCHANGED') expect(code).toMatch(/^ERR_CHANNEL_/);
    }
    expect(flipped).toBeGreaterThan(50);
    expect(end.handled.length + flipped).toBe(Math.ceil((400 * 8) / 37));
  });

  it('takes no answer with any bit flipped', async () => {
    const end = await enclaveEnd();
    let flipNow: number | null = null;
    const channel = await openThrough(end, {
      back: (message) => (flipNow === null || flipNow >= message.length * 8 ? message : flip(message, flipNow)),
    });
    for (let bit = 0; bit < 300 * 8; bit += 41) {
      flipNow = bit;
      expect(await codeOf(() => channel.call(utf8.encode('x')))).toMatch(/^ERR_/);
    }
    flipNow = null;
    expect(utf8.decode(await channel.call(utf8.encode('ok')))).toBe('okok');
  });

  it('executes a replayed request once', async () => {
    const end = await enclaveEnd();
    const sent: Uint8Array[] = [];
    const channel = await openThrough(end, {
      there: (message) => {
        sent.push(message);
        return message;
      },
    });
    await channel.call(utf8.encode('pay'));
    const replay = parseMessage(await end.responder.receive(sent[1] ?? new Uint8Array()));
    expect(replay).toEqual({ type: 'refused', code: 'ERR_CHANNEL_AUTH' });
    expect(end.handled).toEqual(['pay']);
  });

  it("does not take another call's answer, nor an earlier one", async () => {
    const end = await enclaveEnd();
    const answers: Uint8Array[] = [];
    const channel = await openThrough(end, {
      back: (message, count) => {
        answers[count] = message;
        return count === 2 ? (answers[1] ?? message) : message;
      },
    });
    await channel.call(utf8.encode('first'));
    expect(await codeOf(() => channel.call(utf8.encode('second')))).toBe('ERR_CHANNEL_AUTH');
  });

  it('does not take requests of one session in another', async () => {
    const end = await enclaveEnd();
    const sent: Uint8Array[] = [];
    const first = await openThrough(end, { there: recordInto(sent) });
    await first.call(utf8.encode('x'));
    const other: Uint8Array[] = [];
    const second = await openThrough(end, { there: recordInto(other) });
    await second.call(utf8.encode('y'));
    const stolen = parseMessage(sent[1] ?? new Uint8Array());
    const target = parseMessage(other[1] ?? new Uint8Array());
    if (stolen.type !== 'request' || target.type !== 'request') throw new Error('expected requests');
    for (const spliced of [
      { ...stolen, sessionId: target.sessionId, sequence: 7 },
      { ...stolen, sessionId: target.sessionId, enc: target.enc, sequence: 8 },
    ]) {
      const answer = parseMessage(await end.responder.receive(encodeMessage(spliced)));
      expect(answer).toEqual({ type: 'refused', code: 'ERR_CHANNEL_AUTH' });
    }
    expect(end.handled).toEqual(['x', 'y']);
  });

  it('cannot be talked down: the versions and suites stand in the attested claims', async () => {
    const end = await enclaveEnd();
    expect(await codeOf(() => openThrough({ ...end, claims: { ...end.claims, minVersion: 2 } }))).toBe(
      'ERR_CHANNEL_VERSION',
    );
    expect(await codeOf(() => openThrough({ ...end, claims: { ...end.claims, suites: [99] } }))).toBe(
      'ERR_CHANNEL_VERSION',
    );
    const hello = encodeMessage({
      type: 'hello',
      version: 2,
      suites: [1],
      nonce: new Uint8Array(32),
      audience: '',
      evidenceDigest: new Uint8Array(32),
      ticket: new Uint8Array(),
    });
    expect(parseMessage(await end.responder.receive(hello))).toEqual({ type: 'refused', code: 'ERR_CHANNEL_VERSION' });
  });

  it('ends with its session, and says so', async () => {
    const end = await enclaveEnd();
    const channel = await openThrough(end);
    await channel.call(utf8.encode('x'));
    end.clock.seconds += 3601;
    expect(await codeOf(() => channel.call(utf8.encode('y')))).toBe('ERR_CHANNEL_SESSION');
    const restarted = await enclaveEnd();
    const lost = await openThrough({ ...end, responder: end.responder });
    end.responder.receive = (message) => restarted.responder.receive(message);
    expect(await codeOf(() => lost.call(utf8.encode('z')))).toBe('ERR_CHANNEL_SESSION');
  });
});

describe('whatever bytes arrive', () => {
  it('are answered with a message, and executed only when a client sealed them', async () => {
    const end = await enclaveEnd();
    const genuine: Uint8Array[] = [];
    const channel = await openThrough(end, { there: recordInto(genuine) });
    await channel.call(utf8.encode('x'));
    const mutated = fc.tuple(fc.nat(genuine.length - 1), fc.nat(), fc.nat(255)).map(([which, at, byte]) => {
      const message = (genuine[which] ?? new Uint8Array()).slice();
      message[at % message.length] = byte;
      return message;
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 400 }), mutated), async (bytes) => {
        expect(['refused', 'welcome']).toContain(parseMessage(await end.responder.receive(bytes)).type);
      }),
      { numRuns: 400 },
    );
    expect(end.handled).toEqual(['x']);
  });
});

describe('the enclave end under a flood', () => {
  it('keeps sessions in use while offers push out offers', async () => {
    const end = await enclaveEnd({ maxOffers: 8 });
    const channel = await openThrough(end);
    await channel.call(utf8.encode('x'));
    for (let i = 0; i < 30; i += 1) await openThrough(end);
    expect(end.responder.sessionCount).toBe(9);
    expect(utf8.decode(await channel.call(utf8.encode('y')))).toBe('yy');
  });

  it('answers ERR_BUSY when all sessions are in use', async () => {
    const end = await enclaveEnd({ maxSessions: 2 });
    for (let i = 0; i < 2; i += 1) await (await openThrough(end)).call(utf8.encode('x'));
    expect(await codeOf(() => openThrough(end))).toBe('ERR_BUSY');
  });

  it('answers ERR_BUSY to a session with too many requests in flight, which may still give them up', async () => {
    let isBusy = true;
    const handle = (payload: Uint8Array, { signal }: CallContext) =>
      new Promise<Uint8Array>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        if (!isBusy) resolve(payload);
      });
    const end = await enclaveEnd({ maxInFlight: 3, handle });
    const channel = await openThrough(end);
    const abort = new AbortController();
    const calls = Array.from({ length: 3 }, () => channel.call(utf8.encode('x'), { signal: abort.signal }));
    const outcomes = Promise.allSettled(calls);
    expect(await codeOf(() => channel.call(utf8.encode('y')))).toBe('ERR_BUSY');
    abort.abort();
    await outcomes;
    isBusy = false;
    await vi.waitFor(async () => expect(utf8.decode(await channel.call(utf8.encode('y')))).toBe('y'));
  });

  it('forgets offers that nobody took up', async () => {
    const end = await enclaveEnd();
    const channel = await openThrough(end);
    end.clock.seconds += 31;
    expect(await codeOf(() => channel.call(utf8.encode('x')))).toBe('ERR_CHANNEL_SESSION');
  });
});
