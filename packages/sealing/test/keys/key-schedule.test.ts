import { hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hkdfSha256 } from '../../src/keys/key-schedule.ts';

it('HKDF is that of RFC 5869', () => {
  fc.assert(
    fc.property(
      fc.uint8Array(),
      fc.uint8Array(),
      fc.uint8Array(),
      fc.integer({ min: 1, max: 64 }),
      (ikm, salt, info, length) => {
        expect(hkdfSha256(ikm, salt, info, length)).toEqual(
          new Uint8Array(hkdfSync('sha256', ikm, salt, info, length)),
        );
      },
    ),
  );
});
