import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePlain } from '../src/cbor.ts';
import { decodeCall, decodeOutcome, encodeCall, encodeOutcome, TeeError } from '../src/index.ts';

describe('a call inside the channel', () => {
  it('comes back with its method and parameters', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 50 }),
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })),
        (method, params) => {
          // JSON has no -0 of its own, and CBOR writes it as 0.
          const plain = JSON.parse(JSON.stringify(params));
          expect(decodeCall(encodeCall(method, plain))).toEqual({ method, params: plain });
        },
      ),
    );
  });

  it('is refused with a member more, or without a method', async () => {
    for (const bad of [{ method: 'x', params: {}, more: 1 }, { params: {} }, { method: 1, params: {} }, [], null]) {
      expect((await thrownBy(() => decodeCall(encodePlain(bad)))).code).toBe('ERR_CBOR');
    }
  });
});

describe('an outcome', () => {
  it('carries a result, bytes included, or an error with its facts', () => {
    const bytes = Uint8Array.of(1, 2);
    expect(decodeOutcome(encodeOutcome({ ok: true, result: { bytes } }))).toEqual({ ok: true, result: { bytes } });
    const error = new TeeError('ERR_JS_USER', 'boom', { hint: 'h', details: { line: 3, nested: { a: [1] } } }).toJSON();
    expect(decodeOutcome(encodeOutcome({ ok: false, error }))).toEqual({ ok: false, error });
  });

  it('turns a code it does not know into ERR_INTERNAL', () => {
    const bytes = encodePlain({ ok: false, error: { code: 'ERR_NEW', message: 'm' } });
    expect(decodeOutcome(bytes)).toEqual({ ok: false, error: { code: 'ERR_INTERNAL', message: 'ERR_NEW: m' } });
  });

  it('is refused when it is neither', async () => {
    for (const bad of [{ ok: 'yes' }, { ok: false }, { ok: true, result: 1, error: {} }, 7]) {
      expect((await thrownBy(() => decodeOutcome(encodePlain(bad)))).code).toBe('ERR_CBOR');
    }
  });
});
