import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, FrameReader } from '../../src/isolate/framing.ts';

describe('frames', () => {
  it('come out as they went in, however the pipe cuts them', () => {
    const message = fc.record({ text: fc.string({ unit: 'binary' }), list: fc.array(fc.integer()) });
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), cuts, (messages, sizes) => {
        const bytes = Buffer.concat(messages.map(encodeFrame));
        const seen: string[] = [];
        const reader = new FrameReader(
          () => 1_000_000,
          (json) => seen.push(json),
        );
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          reader.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(seen).toEqual(messages.map((one) => JSON.stringify(one)));
      }),
    );
  });

  it('that say they are longer than they may be end the reading, before they are here', () => {
    const reader = new FrameReader(
      () => 10,
      () => undefined,
    );
    reader.push(encodeFrame({ a: 1 }));
    expect(() => reader.push(Buffer.from([0, 0, 0, 11]))).toThrow(RangeError);
  });
});
