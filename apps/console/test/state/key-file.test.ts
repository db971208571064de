import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyFile, seedOf } from '../../src/state/key-file.ts';

describe('the file of a key', () => {
  it('gives back the seed that it was made of', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
        expect(seedOf(keyFile(seed))).toEqual(seed);
      }),
    );
  });

  it('is one that Node writes, and one that Node reads', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const { d = '' } = privateKey.export({ format: 'jwk' });
    expect(Buffer.from(seedOf(pem)).toString('base64url')).toBe(d);
    expect(keyFile(seedOf(pem))).toBe(pem);
  });

  it('of another kind, or of none, is refused without a word of it', () => {
    const other = generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    for (const text of ['', 'CANARY', other, other.slice(0, 60)]) {
      expect(() => seedOf(text)).toThrow(TypeError);
      expect(() => seedOf(text)).not.toThrow('CANARY');
    }
  });
});
