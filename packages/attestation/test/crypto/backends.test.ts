import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crypto as chosen } from '#crypto';
import { crypto as node } from '../../src/crypto/node.ts';
import { crypto as web } from '../../src/crypto/web.ts';
import { rawSignature, testKey } from '../helpers/test-keys.ts';
import { flipBit } from '../helpers/vectors.ts';

const key = testKey();

describe('the crypto backend', () => {
  it('of a Node program is the one of node:crypto', () => {
    expect(chosen).toBe(node);
  });

  for (const [name, backend] of Object.entries({ node, web })) {
    it(`${name} verifies what was signed and nothing else`, async () => {
      const imported = await backend.importP256PublicKey(key.point);
      if (!imported) return expect.fail('the key was not imported');
      const data = new TextEncoder().encode('data');
      const signature = rawSignature(key, data);
      expect(await backend.verifyP256(imported, signature, data)).toBe(true);
      expect(await backend.verifyP256(imported, flipBit(signature, 9), data)).toBe(false);
      expect(await backend.verifyP256(imported, signature, flipBit(data, 0))).toBe(false);
      expect(await backend.verifyP256(imported, signature.subarray(1), data)).toBe(false);
      return expect(await backend.verifyP256(imported, new Uint8Array(64), data)).toBe(false);
    });

    it(`${name} refuses points that are not on the curve`, async () => {
      const points = [new Uint8Array(64), new Uint8Array(64).fill(0xff), flipBit(key.point, 63), key.point.subarray(1)];
      for (const point of points) expect(await backend.importP256PublicKey(point)).toBeNull();
    });

    it(`${name} hashes`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array(), async (data) => {
          expect(await backend.sha256(data)).toEqual(new Uint8Array(createHash('sha256').update(data).digest()));
        }),
      );
    });

    it(`${name} does not take the other's key`, async () => {
      const foreign = await (name === 'node' ? web : node).importP256PublicKey(key.point);
      if (!foreign) return expect.fail('the key was not imported');
      return expect(backend.verifyP256(foreign, new Uint8Array(64), new Uint8Array())).rejects.toThrow(TypeError);
    });
  }
});
