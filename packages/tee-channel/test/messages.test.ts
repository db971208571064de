import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChannelMessage, encodeMessage, parseMessage } from '../src/index.ts';
import { pad, paddedLength, unpad } from '../src/padding.ts';
import { ReplayWindow } from '../src/replay-window.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const message: fc.Arbitrary<ChannelMessage> = fc.oneof(
  fc.record({
    type: fc.constant('hello' as const),
    version: fc.nat(),
    suites: fc.array(fc.nat(), { minLength: 1, maxLength: 16 }),
    nonce: bytes(32),
    evidenceDigest: bytes(32),
  }),
  fc.record({
    type: fc.constant('welcome' as const),
    suite: fc.nat(),
    kemKey: bytes(32),
    sessionId: bytes(16),
    expires: fc.nat(),
    signature: bytes(64),
  }),
  fc.record({
    type: fc.constant('request' as const),
    sessionId: bytes(16),
    sequence: fc.nat(),
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

describe('padding', () => {
  it('gives the payload back and hides its length within a class', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (payload) => {
        const padded = pad(payload);
        expect(padded.length).toBe(paddedLength(payload.length));
        expect(unpad(padded)).toEqual(new Uint8Array(payload));
      }),
    );
    expect([0, 252, 253, 65_532, 65_533, 200_000].map(paddedLength)).toEqual([256, 256, 512, 65_536, 131_072, 262_144]);
  });

  it('refuses a payload that is not in its class', async () => {
    for (const bad of [new Uint8Array(3), new Uint8Array(255), pad(new Uint8Array(10)).fill(255, 0, 4)]) {
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
