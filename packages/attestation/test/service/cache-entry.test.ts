import { isTeeError } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCacheEntry, encodeCacheEntry } from '../../src/service/cache-entry.ts';
import { MemoryCollateralCache } from '../../src/service/collateral-cache.ts';
import { parseServiceAddress } from '../../src/service/service-address.ts';

const bytes = fc.uint8Array({ maxLength: 60 });
const collateral = fc.record(
  {
    tcbInfo: bytes,
    tcbInfoSignature: bytes,
    tcbInfoIssuerChain: bytes,
    qeIdentity: bytes,
    qeIdentityIssuerChain: bytes,
    pckCrl: bytes,
    pckCrlIssuerChain: bytes,
    rootCaCrl: bytes,
  },
  { requiredKeys: ['tcbInfo', 'tcbInfoIssuerChain', 'qeIdentity', 'qeIdentityIssuerChain'] },
);

describe('a cache entry', () => {
  it('is read as it was written, under its own key alone', () => {
    fc.assert(
      fc.property(collateral, fc.nat(), fc.string({ minLength: 1 }), (parts, fetchedAt, key) => {
        const entry = encodeCacheEntry({ key, fetchedAt, collateral: parts });
        const read = decodeCacheEntry(entry, key);
        expect({ ...read, collateral: { ...read.collateral } }).toEqual({ key, fetchedAt, collateral: parts });
        expect(() => decodeCacheEntry(entry, `${key}x`)).toThrow(
          expect.objectContaining({ code: 'ERR_COLLATERAL_CACHE' }),
        );
      }),
    );
  });

  it('is refused when it is any other bytes, a part of one, or one with something after it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), collateral, fc.nat(), (junk, parts, cut) => {
        const entry = encodeCacheEntry({ key: 'a', fetchedAt: 1, collateral: parts });
        for (const bad of [junk, entry.subarray(0, cut % entry.length), Uint8Array.of(...entry, 0)]) {
          expect(() => decodeCacheEntry(bad, 'a')).toThrow(expect.objectContaining({ code: 'ERR_COLLATERAL_CACHE' }));
        }
      }),
    );
  });
});

describe('a cache in memory', () => {
  it('holds the entries that were put last, each by its own bytes', async () => {
    const cache = new MemoryCollateralCache({ maxEntries: 2 });
    const entry = Uint8Array.of(1);
    await cache.put('a', entry);
    entry[0] = 9;
    await cache.put('b', Uint8Array.of(2));
    expect(await cache.get('a')).toEqual(Uint8Array.of(1));
    await cache.put('a', Uint8Array.of(3));
    await cache.put('c', Uint8Array.of(4));
    expect([await cache.get('a'), await cache.get('b'), await cache.get('c')]).toEqual([
      Uint8Array.of(3),
      null,
      Uint8Array.of(4),
    ]);
    expect(await thrownBy(() => cache.put('../a', entry))).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
  });
});

describe('any text as an address', () => {
  it('is an address whose requests go where it says, or ERR_INVALID_ARGUMENT', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.webUrl(),
      fc.webUrl().map((url) => `${url}/sgx/certification/v4/`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const address = parseServiceAddress(text, {});
          const { origin } = new URL(text);
          for (const url of [
            address.tcbInfo('tdx', '00906ed50000'),
            address.qeIdentity('sgx'),
            address.pckCrl('processor'),
          ]) {
            expect(new URL(url).origin).toBe(origin);
          }
        } catch (error) {
          if (!isTeeError(error)) throw error;
          expect(error.code).toBe('ERR_INVALID_ARGUMENT');
        }
      }),
    );
  });
});
