import { encodeMessage } from '@neo-service-layer/tee-channel';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { messageHead, openedSession } from '../../src/relay/message-head.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');

it('finds the session of every request that the channel encodes', () => {
  fc.assert(
    fc.property(
      bytes(16),
      fc.nat(2 ** 31),
      bytes(32),
      fc.uint8Array({ minLength: 17 }),
      (sessionId, sequence, enc, sealed) => {
        const message = encodeMessage({ type: 'request', sessionId, sequence, enc, sealed });
        expect(messageHead(message)).toEqual({ type: 'request', sessionId: hex(sessionId) });
      },
    ),
  );
});

it('finds the evidence that every hello names, whatever its audience and ticket', () => {
  fc.assert(
    fc.property(
      bytes(32),
      bytes(32),
      fc.string({ maxLength: 60 }),
      fc.uint8Array({ maxLength: 256 }),
      (nonce, evidenceDigest, audience, ticket) => {
        const message = encodeMessage({
          type: 'hello',
          version: 1,
          suites: [1],
          nonce,
          audience,
          evidenceDigest,
          ticket,
        });
        expect(messageHead(message)).toEqual({ type: 'hello', evidenceDigest: hex(evidenceDigest) });
      },
    ),
  );
});

it('finds the session that a welcome opens, and none in other answers', () => {
  const [sessionId, kemKey, signature] = [new Uint8Array(16).fill(7), new Uint8Array(32), new Uint8Array(64)];
  const welcome = encodeMessage({
    type: 'welcome',
    suite: 1,
    kemKey,
    sessionId,
    lifetime: 60,
    resumed: false,
    signature,
  });
  expect(openedSession(welcome)).toBe(hex(sessionId));
  expect(openedSession(encodeMessage({ type: 'refused', code: 'ERR_CHANNEL_AUTH' }))).toBeNull();
});

it('takes any bytes, and a message that is cut off has no head of another', () => {
  const whole = encodeMessage({
    type: 'request',
    sessionId: new Uint8Array(16).fill(9),
    sequence: 1,
    enc: new Uint8Array(32),
    sealed: new Uint8Array(40),
  });
  for (let length = 0; length <= 25; length += 1) expect(messageHead(whole.subarray(0, length))).toBeNull();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      messageHead(noise);
      openedSession(noise);
    }),
  );
});
