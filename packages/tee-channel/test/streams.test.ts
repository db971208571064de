import { TeeError } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { maxChunkBytes } from '../src/frames.ts';
import { ChannelInitiator } from '../src/index.ts';
import { AnswerSender } from '../src/stream/answer-sender.ts';
import { BodyReceiver } from '../src/stream/body-receiver.ts';
import { enclaveEnd, openThrough, readAll, streamOf, utf8 } from './ends.ts';

const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;
const pieces = (count: number, length: number) =>
  Array.from({ length: count }, (_, i) => new Uint8Array(length).fill(i + 1));
const settle = (ms = 50) => new Promise((resolve) => setTimeout(resolve, ms));

/** An enclave whose streaming calls answer with the head and then the body. */
const echo = (options: Parameters<typeof enclaveEnd>[0] = {}) =>
  enclaveEnd({
    handleStream: async ({ head, body }) => {
      const reader = body.getReader();
      let isFirst = true;
      return new ReadableStream<Uint8Array>(
        {
          pull: async (controller) => {
            if (isFirst) {
              isFirst = false;
              return controller.enqueue(head);
            }
            const { done, value } = await reader.read();
            return done ? controller.close() : controller.enqueue(value);
          },
        },
        { highWaterMark: 0 },
      );
    },
    ...options,
  });

/** Holds every message back for a random while, so that they overtake each other. */
const shuffled = () => {
  let state = 12345;
  const wait = async (message: Uint8Array) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    await settle(state % 5);
    return message;
  };
  return { there: wait, back: wait };
};

describe('a streaming call', () => {
  it('carries a body there and an answer back, whatever the pieces', async () => {
    const end = await echo();
    const channel = await openThrough(end);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3 * maxChunkBytes), { maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        async (lengths, window) => {
          const parts = lengths.map((length, i) => new Uint8Array(length).fill(i + 1));
          const answer = await channel.stream(utf8.encode('HEAD'), { body: streamOf(parts).stream, window });
          const whole = Buffer.concat([utf8.encode('HEAD'), ...parts]);
          expect(Buffer.from(await readAll(answer)).equals(whole)).toBe(true);
        },
      ),
      { numRuns: 15 },
    );
    await settle();
    expect(end.responder.streamCount).toBe(0);
  });

  it('keeps its order on a carrier that delivers in any order', async () => {
    const end = await echo();
    const channel = await openThrough(end, shuffled());
    const parts = pieces(40, 1000);
    const answer = await channel.stream(utf8.encode('x'), { body: streamOf(parts).stream, window: 8 });
    expect(Buffer.from(await readAll(answer)).equals(Buffer.concat([utf8.encode('x'), ...parts]))).toBe(true);
  });

  it('needs no body, and runs beside calls and other streams', async () => {
    const end = await echo();
    const channel = await openThrough(end);
    const answers = await Promise.all([
      ...Array.from({ length: 10 }, async (_, i) => readAll(await channel.stream(utf8.encode(`stream ${i}`)))),
      channel.call(utf8.encode('call')),
    ]);
    expect(answers.map(utf8.decode)).toEqual([...Array.from({ length: 10 }, (_, i) => `stream ${i}`), 'callcall']);
  });

  it('shows its carrier messages of a few sizes only', async () => {
    const end = await echo();
    const seen: Uint8Array[] = [];
    const channel = await openThrough(end, {
      there: (message) => {
        seen.push(message);
        return message;
      },
    });
    const body = streamOf([utf8.encode('CANARY'), ...pieces(3, 100_000)]).stream;
    await readAll(await channel.stream(utf8.encode('CANARY'), { body }));
    expect(seen.some((message) => Buffer.from(message).includes('CANARY'))).toBe(false);
    // hello; controls and the short piece; a full piece; the rest of one.
    expect(new Set(seen.map(({ length }) => length)).size).toBeLessThanOrEqual(4);
  });
});

describe('flow control', () => {
  it('lets a slow reader slow the enclave down: it makes no more than was asked for', async () => {
    const source = streamOf(pieces(1000, maxChunkBytes));
    const end = await enclaveEnd({ handleStream: async () => source.stream });
    const channel = await openThrough(end);
    const answer = await channel.stream(new Uint8Array(), { window: 4 });
    await settle();
    expect(source.taken()).toBe(0);
    const reader = answer.getReader();
    for (let i = 0; i < 20; i += 1) await reader.read();
    await settle();
    expect(source.taken()).toBeLessThanOrEqual(20 + 4);
    await reader.cancel();
  });

  it('lets a slow enclave slow the body down: no more pieces leave than it has room for', async () => {
    const body = streamOf(pieces(1000, 10));
    let start: () => void = () => {};
    const started = new Promise<void>((resolve) => {
      start = resolve;
    });
    const end = await enclaveEnd({
      streamWindow: 3,
      handleStream: async (call) => {
        await started;
        return new Response(String((await readAll(call.body)).length)).body ?? call.body;
      },
    });
    const channel = await openThrough(end);
    const answer = await channel.stream(new Uint8Array(), { body: body.stream });
    await settle();
    expect(body.taken()).toBeLessThanOrEqual(5);
    start();
    expect(utf8.decode(await readAll(answer))).toBe('10000');
  });

  it('asks again when the enclave has nothing to say for long, so that no carrier times out', async () => {
    let messages = 0;
    const end = await enclaveEnd({
      holdSeconds: 0.02,
      handleStream: async ({ body }) => {
        await settle(150);
        return body;
      },
    });
    const channel = await openThrough(end, {
      there: (message) => {
        messages += 1;
        return message;
      },
    });
    const answer = await channel.stream(new Uint8Array(), { body: streamOf(pieces(3, 10)).stream });
    expect(await readAll(answer)).toHaveLength(30);
    expect(messages).toBeGreaterThan(12);
  });

  it('is enforced by the enclave: a client that ignores the window loses the request, and no memory is spent', async () => {
    const receiver = new BodyReceiver(3);
    receiver.take(0, false, utf8.encode('a'));
    receiver.take(2, false, utf8.encode('c'));
    expect(await codeOf(() => receiver.take(3, false, utf8.encode('d')))).toBe('ERR_CHANNEL_STREAM');
    expect(await codeOf(() => receiver.take(0, false, utf8.encode('again')))).toBe('ERR_CHANNEL_STREAM');
    expect(await codeOf(() => receiver.take(1, true, utf8.encode('end before c')))).toBe('ERR_CHANNEL_STREAM');
    const sender = new AnswerSender(3, 1000);
    void sender.pull(2);
    expect(await codeOf(() => sender.pull(3))).toBe('ERR_CHANNEL_STREAM');
    expect(await codeOf(() => sender.pull(2))).toBe('ERR_CHANNEL_STREAM');
    sender.cancel();
  });

  it('takes nothing after the end, and what came early waits for what comes before it', async () => {
    const receiver = new BodyReceiver(3);
    receiver.take(1, true, utf8.encode('b'));
    expect(await codeOf(() => receiver.take(2, false, utf8.encode('after the end')))).toBe('ERR_CHANNEL_STREAM');
    receiver.take(0, false, utf8.encode('a'));
    expect(utf8.decode(await readAll(receiver.body))).toBe('ab');
    expect(await codeOf(() => receiver.whenRoomFor(100))).toBe('ERR_CHANNEL_STREAM');
  });

  it('keeps no request about a body waiting but the one that asks for credit', async () => {
    const end = await enclaveEnd({ streamWindow: 2, handleStream: async () => new ReadableStream<Uint8Array>() });
    let underWay = 0;
    const channel = await ChannelInitiator.open({
      claims: end.claims,
      evidenceDigest: new Uint8Array(32),
      exchange: async (message) => {
        underWay += 1;
        const answer = await end.responder.receive(message);
        underWay -= 1;
        return answer;
      },
    });
    const answer = await channel.stream(new Uint8Array(), { body: streamOf(pieces(100, 10)).stream });
    await settle();
    expect(underWay).toBe(1);
    await answer.cancel();
  });

  it('bounds how many streams a session and all sessions have open', async () => {
    const options = { handleStream: async () => new ReadableStream<Uint8Array>() };
    const end = await enclaveEnd({ ...options, maxStreamsPerSession: 2, maxStreams: 3 });
    const first = await openThrough(end);
    const second = await openThrough(end);
    for (const channel of [first, first, second]) await channel.stream(new Uint8Array());
    for (const channel of [first, second])
      expect(await codeOf(() => channel.stream(new Uint8Array()))).toBe('ERR_BUSY');
    end.clock.seconds += 3601;
    const third = await openThrough(end);
    await third.call(utf8.encode('x'));
    await settle();
    expect(end.responder.streamCount).toBe(0);
    await third.stream(new Uint8Array());
  });
});

describe('a stream that fails', () => {
  it("tells the client the code of the program's error, and of a fault only that it happened", async () => {
    const failures = [new TeeError('ERR_JS_GAS', 'secret text'), new Error('secret text')];
    for (const [index, code] of ['ERR_JS_GAS', 'ERR_INTERNAL'].entries()) {
      const end = await enclaveEnd({
        handleStream: async () => {
          throw failures[index];
        },
      });
      const answer = await (await openThrough(end)).stream(new Uint8Array());
      const error = await thrownBy(() => readAll(answer));
      expect(error.code).toBe(code);
      expect(error.message).not.toContain('secret');
    }
  });

  it('fails for its reader after the pieces that came before', async () => {
    const end = await enclaveEnd({
      handleStream: async () =>
        new ReadableStream<Uint8Array>(
          {
            start: (controller) => controller.enqueue(utf8.encode('begun')),
            pull: (controller) => controller.error(new TeeError('ERR_JS_TIMEOUT', '')),
          },
          { highWaterMark: 0 },
        ),
    });
    const reader = (await (await openThrough(end)).stream(new Uint8Array())).getReader();
    expect(utf8.decode((await reader.read()).value ?? new Uint8Array())).toBe('begun');
    expect(await codeOf(() => reader.read())).toBe('ERR_JS_TIMEOUT');
  });

  it('is never taken for one that ended: not when messages are dropped, nor when answers are cut', async () => {
    for (const lost of [4, 6, 9]) {
      const end = await echo();
      const channel = await openThrough(end, {
        back: (message, count) => {
          if (count === lost) throw new TeeError('ERR_TRANSPORT', 'dropped');
          return message;
        },
      });
      const run = async () =>
        readAll(await channel.stream(utf8.encode('x'), { body: streamOf(pieces(30, 100)).stream }));
      expect(await codeOf(run)).toBe('ERR_TRANSPORT');
    }
  });

  it('fails with what its own body fails with, and the enclave learns of it', async () => {
    let reason: unknown = null;
    const end = await enclaveEnd({
      handleStream: async ({ body, signal }) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
        });
        return body;
      },
    });
    const channel = await openThrough(end);
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new RangeError('no disk')) });
    const answer = await channel.stream(new Uint8Array(), { body });
    expect(await thrownBy(() => readAll(answer))).toBeInstanceOf(RangeError);
    await settle();
    expect(reason).toMatchObject({ code: 'ERR_CHANNEL_CANCELLED' });
    expect(end.responder.streamCount).toBe(0);
  });

  it('reads no more of a body that nobody reads', async () => {
    const end = await enclaveEnd({ handleStream: async () => streamOf([utf8.encode('enough')]).stream });
    const body = streamOf(pieces(1000, 10));
    const answer = await (await openThrough(end)).stream(new Uint8Array(), { body: body.stream });
    expect(utf8.decode(await readAll(answer))).toBe('enough');
    await settle();
    expect(body.taken()).toBeLessThan(30);
  });

  it('is what an enclave without streaming calls answers', async () => {
    const answer = await (await openThrough(await enclaveEnd())).stream(new Uint8Array());
    expect(await codeOf(() => readAll(answer))).toBe('ERR_UNKNOWN_METHOD');
  });
});

describe('a call that is given up', () => {
  it('ends for the client at once, and its program learns of it', async () => {
    const reasons: unknown[] = [];
    const end = await enclaveEnd({
      handle: (_payload, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason);
            reject(signal.reason);
          });
        }),
    });
    const channel = await openThrough(end);
    const abort = new AbortController();
    const call = channel.call(utf8.encode('forever'), { signal: abort.signal });
    setTimeout(() => abort.abort(), 20);
    expect(await codeOf(() => call)).toBe('ERR_CHANNEL_CANCELLED');
    await settle();
    expect(reasons).toEqual([expect.objectContaining({ code: 'ERR_CHANNEL_CANCELLED' })]);
    expect(await codeOf(() => channel.call(utf8.encode('x'), { signal: abort.signal }))).toBe('ERR_CHANNEL_CANCELLED');
  });

  it('as a stream: by its signal or by cancelling its answer, the source is cancelled too', async () => {
    for (const way of ['signal', 'cancel'] as const) {
      let isCancelled = false;
      const end = await enclaveEnd({
        handleStream: async () =>
          new ReadableStream<Uint8Array>({
            pull: (controller) => controller.enqueue(new Uint8Array(10)),
            cancel: () => {
              isCancelled = true;
            },
          }),
      });
      const abort = new AbortController();
      const answer = await (await openThrough(end)).stream(new Uint8Array(), { signal: abort.signal });
      const reader = answer.getReader();
      await reader.read();
      if (way === 'cancel') await reader.cancel();
      else abort.abort();
      if (way === 'signal') expect(await codeOf(() => reader.read())).toBe('ERR_CHANNEL_CANCELLED');
      await settle();
      expect(isCancelled).toBe(true);
      expect(end.responder.streamCount).toBe(0);
    }
  });

  it('before its program answered: what the program answers later is cancelled too', async () => {
    let isCancelled = false;
    const end = await enclaveEnd({
      handleStream: async () => {
        await settle(100);
        return new ReadableStream<Uint8Array>({
          cancel: () => {
            isCancelled = true;
          },
        });
      },
    });
    const answer = await (await openThrough(end)).stream(new Uint8Array());
    await answer.cancel();
    await vi.waitFor(() => expect(isCancelled).toBe(true));
    expect(end.responder.streamCount).toBe(0);
  });

  it('because a message was lost: the enclave is told, and keeps no stream for it', async () => {
    const end = await enclaveEnd({ handleStream: async () => streamOf(pieces(100, 10)).stream });
    const channel = await openThrough(end, {
      back: (message, count) => {
        if (count === 5) throw new TeeError('ERR_TRANSPORT', 'dropped');
        return message;
      },
    });
    const answer = await channel.stream(new Uint8Array(), { window: 1 });
    expect(await codeOf(() => readAll(answer))).toBe('ERR_TRANSPORT');
    await vi.waitFor(() => expect(end.responder.streamCount).toBe(0));
  });

  it('says so when it fails: the code of a program comes sealed', async () => {
    const end = await enclaveEnd({
      handle: async () => {
        throw new TeeError('ERR_JS_GAS', 'secret text');
      },
    });
    const error = await thrownBy(async () => (await openThrough(end)).call(utf8.encode('x')));
    expect(error.code).toBe('ERR_JS_GAS');
    expect(error.message).not.toContain('secret');
  });
});
