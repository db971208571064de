import { sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { crypto as node } from '../../src/crypto/node.ts';
import { crypto as web } from '../../src/crypto/web.ts';
import { flipBit } from '../helpers/vectors.ts';
import { anyKey } from './support.ts';

const data = new TextEncoder().encode('data');
const [p256, p384, rsa] = [anyKey('P-256'), anyKey('P-384'), anyKey('RSA-2048')];

const cases = [
  [{ kind: 'ecdsa', curve: 'P-256', hash: 'SHA-256' }, p256],
  [{ kind: 'ecdsa', curve: 'P-256', hash: 'SHA-512' }, p256],
  [{ kind: 'ecdsa', curve: 'P-384', hash: 'SHA-384' }, p384],
  [{ kind: 'rsa-pkcs1', hash: 'SHA-256' }, rsa],
  [{ kind: 'rsa-pkcs1', hash: 'SHA-512' }, rsa],
] as const;

describe.each(Object.entries({ node, web }))('the crypto backend %s', (_, backend) => {
  it.each(cases)('verifies signatures by %o and no others', async (scheme, { privateKey, spki }) => {
    const hash = scheme.hash.replace('-', '').toLowerCase();
    const signature = new Uint8Array(sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' }));
    expect(await backend.verifySignature(scheme, spki, signature, data)).toBe(true);
    expect(await backend.verifySignature(scheme, spki, flipBit(signature, 9), data)).toBe(false);
    expect(await backend.verifySignature(scheme, spki, signature, flipBit(data, 0))).toBe(false);
    expect(await backend.verifySignature(scheme, spki, signature.subarray(1), data)).toBe(false);
    const otherHash = scheme.hash === 'SHA-256' ? 'SHA-384' : 'SHA-256';
    expect(await backend.verifySignature({ ...scheme, hash: otherHash }, spki, signature, data)).toBe(false);
    for (const wrong of [new Uint8Array(), flipBit(spki, spki.length - 1), p256.spki, rsa.spki].filter(
      (k) => k !== spki,
    )) {
      expect(await backend.verifySignature(scheme, wrong, signature, data)).toBe(false);
    }
  });

  it('makes keys that both backends verify signatures of', async () => {
    const { spki, pkcs8 } = await backend.generateP256KeyPair();
    const signature = await backend.signP256(pkcs8, data);
    const scheme = { kind: 'ecdsa', curve: 'P-256', hash: 'SHA-256' } as const;
    for (const other of [node, web]) expect(await other.verifySignature(scheme, spki, signature, data)).toBe(true);
  });

  it('signs with P-256 keys only', async () => {
    const pkcs8 = p384.privateKey.export({ type: 'pkcs8', format: 'der' });
    await expect(backend.signP256(new Uint8Array(pkcs8), data)).rejects.toThrow(TypeError);
  });
});
