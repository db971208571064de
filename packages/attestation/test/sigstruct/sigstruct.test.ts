import { createHash } from 'node:crypto';
import { TeeError } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findSigStruct, parseSigStruct, sigStructSize, verifySigStruct } from '../../src/sigstruct/index.ts';
import { buildSigStruct } from './build-sigstruct.ts';

const genuine = buildSigStruct();

describe('a SIGSTRUCT', () => {
  it('is read as the manual lays it out', () => {
    expect(parseSigStruct(genuine)).toMatchObject({
      vendor: 0,
      date: 0x20261201,
      enclaveHash: new Uint8Array(32).fill(0x5a),
      attributes: { flags: 4n, xfrm: 3n },
      attributeMask: { flags: 0xffff_ffff_ffff_fffdn, xfrm: 0n },
      miscMask: 0xffff_ffff,
      isvProdId: 7,
      isvSvn: 2,
    });
  });

  it('verifies under the key that OpenSSL signed it with, whose hash is MRSIGNER', async () => {
    const mrSigner = new Uint8Array(createHash('sha256').update(genuine.subarray(128, 512)).digest());
    expect(await verifySigStruct(parseSigStruct(genuine))).toEqual({
      ok: true,
      signature: true,
      quotients: true,
      mrSigner,
    });
  });

  it('does not verify with any bit of what is signed, the key or the signature changed', async () => {
    const places = [21, 40, 130, 511, 520, 899, 901, 905, 913, 930, 950, 960, 991, 1010, 1025, 1027];
    for (const place of places) {
      const changed = Buffer.from(genuine);
      changed[place] = (changed[place] ?? 0) ^ 0x10;
      const verdict = await verifySigStruct(parseSigStruct(changed));
      expect({ place, ok: verdict.ok, signature: verdict.signature }).toEqual({ place, ok: false, signature: false });
    }
  });

  it('with other quotients is signed, and not what a processor takes', async () => {
    for (const place of [1040, 1424]) {
      const changed = Buffer.from(genuine);
      changed[place] = (changed[place] ?? 0) ^ 1;
      expect(await verifySigStruct(parseSigStruct(changed))).toMatchObject({
        ok: false,
        signature: true,
        quotients: false,
      });
    }
  });

  it('of zeros as modulus or signature is none', async () => {
    for (const [from, to] of [
      [128, 512],
      [516, 900],
    ] as const) {
      const changed = Buffer.from(genuine).fill(0, from, to);
      expect((await verifySigStruct(parseSigStruct(changed))).ok).toBe(false);
    }
  });

  it.each<[string, Buffer]>([
    ['a byte less', genuine.subarray(1)],
    ['a byte more', Buffer.concat([genuine, Buffer.alloc(1)])],
    ['another header', Buffer.from(genuine).fill(7, 0, 1)],
    ['another second header', Buffer.from(genuine).fill(7, 24, 25)],
    ['another exponent', Buffer.from(genuine).fill(5, 512, 513)],
    ['something in a reserved field', Buffer.from(genuine).fill(1, 1030, 1031)],
  ])('is refused with %s', async (_what, bytes) => {
    expect((await thrownBy(async () => parseSigStruct(bytes))).code).toBe('ERR_DEVICE_STRUCT');
  });

  it('is read from any bytes, or refused with a typed error', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1807 }), fc.integer({ min: 0, max: 255 }), (place, value) => {
        const changed = Buffer.from(genuine);
        changed[place] = value;
        try {
          parseSigStruct(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(TeeError);
        }
      }),
    );
  });
});

describe('in the file of an enclave', () => {
  it('it is found wherever it stands, after bytes that only begin like one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 50 }), (before, after) => {
        const decoy = Buffer.from(genuine.subarray(0, 60));
        const file = Buffer.concat([before, decoy, genuine, after]);
        expect(findSigStruct(file).offset).toBe(before.length + decoy.length);
      }),
    );
  });

  it('one with a broken field is passed over for a whole one behind it', () => {
    const broken = Buffer.from(genuine).fill(5, 512, 513);
    expect(findSigStruct(Buffer.concat([broken, genuine])).offset).toBe(sigStructSize);
  });

  it('that holds two is refused: one of them may be there for readers only', async () => {
    const two = Buffer.concat([genuine, Buffer.alloc(10), genuine]);
    expect(await thrownBy(async () => findSigStruct(two))).toMatchObject({
      code: 'ERR_DEVICE_STRUCT',
      actual: expect.stringContaining('0, 1818'),
    });
  });

  it('that holds none says so', async () => {
    for (const file of [Buffer.alloc(0), Buffer.alloc(5000, 6), genuine.subarray(0, 1807)]) {
      expect((await thrownBy(async () => findSigStruct(file))).code).toBe('ERR_DEVICE_STRUCT');
    }
  });
});
