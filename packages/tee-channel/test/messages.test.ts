import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  frameFields,
  maxChunkBytes,
  parseReplyFrame,
  parseRequestFrame,
  type ReplyFrame,
  type RequestFrame,
} from '../src/frames.ts';
import { type ChannelMessage, encodeMessage, parseMessage } from '../src/index.ts';
import { paddedLength, padFields, unpad } from '../src/padding.ts';
import { ReplayWindow } from '../src/replay-window.ts';
import { encodeFields, FieldReader } from '../src/wire.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const uint = fc.nat(2 ** 32 - 1);
const message: fc.Arbitrary<ChannelMessage> = fc.oneof(
  fc.record({
    type: fc.constant('hello' as const),
    version: uint,
    suites: fc.array(uint, { minLength: 1, maxLength: 16 }),
    nonce: bytes(32),
    audience: fc.string({ maxLength: 60 }),
    evidenceDigest: bytes(32),
    ticket: fc.uint8Array({ maxLength: 256 }),
  }),
  fc.record({
    type: fc.constant('welcome' as const),
    suite: uint,
    kemKey: bytes(32),
    sessionId: bytes(16),
    lifetime: uint,
    resumed: fc.boolean(),
    signature: bytes(64),
  }),
  fc.record({
    type: fc.constant('request' as const),
    sessionId: bytes(16),
    sequence: uint,
    enc: bytes(32),
    sealed: fc.uint8Array(),
  }),
  fc.record({ type: fc.constant('response' as const), nonce: bytes(32), sealed: fc.uint8Array() }),
  fc.constant({ type: 'refused' as const, code: 'ERR_BUSY' as const }),
);

describe('messages', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(message, (input) => {
        expect(parseMessage(encodeMessage(input))).toEqual(input);
      }),
    );
  });

  it('are refused when cut short anywhere, with a byte more, or at random', () => {
    fc.assert(
      fc.property(message, fc.nat(), (input, at) => {
        const encoded = encodeMessage(input);
        const cut = encoded.subarray(0, at % encoded.length);
        for (const bad of [cut, Buffer.concat([encoded, Uint8Array.of(0)])]) {
          expect(() => parseMessage(bad)).toThrow(expect.objectContaining({ code: 'ERR_CHANNEL_PROTOCOL' }));
        }
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array(), (input) => {
        expect(() => parseMessage(input)).toThrow(expect.objectContaining({ code: 'ERR_CHANNEL_PROTOCOL' }));
      }),
    );
  });

  it.each(['8163666f6f', '8169636f6e7374727563746f72', '81695f5f70726f746f5f5f'])(
    'of an unknown type are refused (%s)',
    async (hex) => {
      const error = await thrownBy(() => parseMessage(new Uint8Array(Buffer.from(hex, 'hex'))));
      expect(error.code).toBe('ERR_CHANNEL_PROTOCOL');
    },
  );
});

const requestFrame: fc.Arbitrary<RequestFrame> = fc.oneof(
  fc.record({ type: fc.constant('call' as const), payload: fc.uint8Array() }),
  fc.record({ type: fc.constant('open' as const), head: fc.uint8Array(), hasBody: fc.boolean() }),
  fc.record({
    type: fc.constant('data' as const),
    stream: uint,
    index: uint,
    final: fc.boolean(),
    bytes: fc.uint8Array(),
  }),
  fc.record({ type: fc.constantFrom('wait' as const, 'pull' as const), stream: uint, index: uint }),
  fc.record({ type: fc.constant('cancel' as const), call: uint }),
  fc.constant({ type: 'ticket' as const }),
);
const replyFrame: fc.Arbitrary<ReplyFrame> = fc.oneof(
  fc.record({ type: fc.constant('answer' as const), payload: fc.uint8Array() }),
  fc.record({ type: fc.constant('opened' as const), window: uint }),
  fc.record({ type: fc.constant('credit' as const), limit: uint }),
  fc.record({ type: fc.constantFrom('done' as const, 'later' as const) }),
  fc.record({ type: fc.constant('chunk' as const), index: uint, final: fc.boolean(), bytes: fc.uint8Array() }),
  fc.record({ type: fc.constant('ticket' as const), ticket: fc.uint8Array(), lifetime: uint }),
  fc.constant({ type: 'failed' as const, code: 'ERR_JS_GAS' as const }),
);

describe('frames', () => {
  it('come back as they were, and what is one way is not read the other way', () => {
    fc.assert(
      fc.property(requestFrame, (frame) => {
        const encoded = encodeFields(frameFields(frame));
        expect(parseRequestFrame(encoded)).toEqual(frame);
        expect(() => parseReplyFrame(encoded)).toThrow(expect.objectContaining({ code: 'ERR_CHANNEL_PROTOCOL' }));
      }),
    );
    fc.assert(
      fc.property(replyFrame, (frame) => {
        const encoded = encodeFields(frameFields(frame));
        expect(parseReplyFrame(encoded)).toEqual(frame);
        expect(() => parseRequestFrame(encoded)).toThrow(expect.objectContaining({ code: 'ERR_CHANNEL_PROTOCOL' }));
      }),
    );
  });

  it('hold at most one piece of a stream, and a full one fills a size class', async () => {
    const piece = (length: number) =>
      frameFields({
        type: 'data',
        stream: 2 ** 32 - 1,
        index: 2 ** 32 - 1,
        final: true,
        bytes: new Uint8Array(length),
      });
    expect(padFields(piece(maxChunkBytes))).toHaveLength(64 * 1024);
    const longer = encodeFields(piece(maxChunkBytes + 1));
    expect((await thrownBy(() => parseRequestFrame(longer))).code).toBe('ERR_CHANNEL_PROTOCOL');
  });
});

describe('the encoding of fields', () => {
  const field = fc.oneof(uint, fc.boolean(), fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'grapheme' }));

  it('is the canonical CBOR of the rest of the project', () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 30 }), fc.array(uint, { maxLength: 30 }), (fields, list) => {
        expect(encodeFields([...fields, list])).toEqual(encodeCanonical([...fields, list]));
      }),
    );
  });

  it.each([
    '1801',
    '190001',
    '1a00000001',
    '5801aa',
    '7801aa',
    '9801f4',
    '1b0000000000000001',
    '20',
    'f6',
    '5f',
    '62c328',
  ])('is read in its shortest form only (%s)', async (hex) => {
    const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
    for (const read of ['uint', 'bytes', 'array', 'boolean'] as const) {
      expect((await thrownBy(() => new FieldReader(bytes)[read]())).code).toBe('ERR_CHANNEL_PROTOCOL');
    }
    expect((await thrownBy(() => new FieldReader(bytes).text(100))).code).toBe('ERR_CHANNEL_PROTOCOL');
  });
});

describe('padding', () => {
  it('gives the payload back and hides its length within a class', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (payload) => {
        const padded = padFields([payload]);
        const encoded = encodeFields([payload]);
        expect(padded.length).toBe(paddedLength(encoded.length));
        expect(unpad(padded)).toEqual(encoded);
      }),
    );
    expect([0, 252, 253, 65_532, 65_533, 200_000].map((length) => paddedLength(length))).toEqual([
      256, 256, 512, 65_536, 131_072, 262_144,
    ]);
  });

  it('refuses a payload that is not in its class', async () => {
    for (const bad of [new Uint8Array(3), new Uint8Array(255), padFields([new Uint8Array(10)]).fill(255, 0, 4)]) {
      expect((await thrownBy(() => unpad(bad))).code).toBe('ERR_CHANNEL_PROTOCOL');
    }
  });
});

describe('the replay window', () => {
  it('accepts each number once, in any order, and none that is too old', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 500 }), (numbers) => {
        const window = new ReplayWindow(64);
        const accepted: number[] = [];
        for (const number of numbers) {
          const highest = Math.max(-1, ...accepted);
          const expected = !accepted.includes(number) && number > highest - 64;
          expect(window.accept(number)).toBe(expected);
          if (expected) accepted.push(number);
        }
      }),
    );
  });
});
