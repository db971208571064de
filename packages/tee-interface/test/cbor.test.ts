import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CborValue, decodeCanonical, decodePlain, encodeCanonical, encodePlain } from '../src/cbor.ts';

const scalar: fc.Arbitrary<CborValue> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
  fc.string({ unit: 'grapheme' }),
  fc.uint8Array(),
);
const value = fc.letrec<{ any: CborValue }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('any'), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(fc.oneof(fc.string(), fc.integer()), tie('any')), {
        maxLength: 4,
        selector: ([key]) => key,
      })
      .map((entries) => new Map(entries)),
  ),
})).any;

describe('canonical CBOR', () => {
  it('gives back every value it encodes, from the same bytes', () => {
    fc.assert(
      fc.property(value, (input) => {
        const bytes = encodeCanonical(input);
        expect(decodeCanonical(bytes)).toEqual(input);
      }),
    );
  });

  it.each([
    ['a duplicate key', 'a2616101616102'],
    ['a non-minimal integer', '1800'],
    ['a byte left over', '0000'],
    ['an indefinite length', '9fff'],
    ['nothing', ''],
    ['undefined', 'f7'],
    ['a tag', 'c000'],
    ['half a string', '6261'],
    ['NaN', 'f97e00'],
    ['200,000 nested arrays', '81'.repeat(200_000)],
  ])('refuses %s', async (_what, hex) => {
    const error = await thrownBy(() => decodeCanonical(new Uint8Array(Buffer.from(hex, 'hex'))));
    expect(error.code).toBe('ERR_CBOR');
  });

  it('answers random bytes with a value or ERR_CBOR, nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          expect(encodeCanonical(decodeCanonical(bytes))).toEqual(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_CBOR' });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [10n], [new Date(0)], [undefined]])(
    'has no encoding for %s',
    async (input) => {
      expect((await thrownBy(() => encodeCanonical(input as CborValue))).code).toBe('ERR_CBOR');
    },
  );

  it('leaves the bytes it returned alone when it encodes again', () => {
    const first = encodeCanonical(['first', 1]);
    const copy = first.slice();
    for (let i = 0; i < 1000; i += 1) encodeCanonical(['another', i, new Uint8Array(100)]);
    expect(first).toEqual(copy);
  });
});

describe('plain values', () => {
  it('round-trip JSON with bytes, keeping member order and leaving out undefined', () => {
    const input = { z: 1, a: [true, null, 'x'], bytes: Uint8Array.of(1, 2), gone: undefined, deep: { n: -1.5 } };
    const output = decodePlain(encodePlain(input));
    expect(output).toEqual({ z: 1, a: [true, null, 'x'], bytes: Uint8Array.of(1, 2), deep: { n: -1.5 } });
    expect(Object.keys(output as object)).toEqual(['z', 'a', 'bytes', 'deep']);
  });

  it('cannot reach a prototype through a key', () => {
    const bytes = encodeCanonical(new Map([['__proto__', new Map([['polluted', true]])]]));
    const output = decodePlain(bytes) as Record<string, unknown>;
    expect(Object.getPrototypeOf(output)).toBeNull();
    expect(Object.keys(output)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
