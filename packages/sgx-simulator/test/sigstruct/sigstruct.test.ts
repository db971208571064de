import { createHash, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, test } from 'vitest';
import { parseSigstruct, verifySigstruct } from '../../src/sigstruct/parse.ts';
import { modulusOf, writeSigstruct } from '../../src/sigstruct/write.ts';
import { newSigningKey, signedBy, signingKey, sigstructFields } from '../support/signing.ts';

describe('SIGSTRUCT', () => {
  test('reads back as it was written, with MRSIGNER the hash of the little-endian modulus', () => {
    const fields = sigstructFields({ isvFamilyId: new Uint8Array(16).fill(5), isvSvn: 65_535 });
    const parsed = parseSigstruct(writeSigstruct(fields, signingKey()));
    const modulus = Buffer.from(signingKey().export({ format: 'jwk' }).n ?? '', 'base64url').reverse();
    expect(parsed).toEqual({ ...fields, mrSigner: new Uint8Array(createHash('sha256').update(modulus).digest()) });
    expect(modulusOf(signingKey())).toEqual(modulus);
  });

  test('is the same for the same fields and key', () => {
    expect(signedBy(signingKey())).toEqual(signedBy(signingKey()));
  });

  test('verifies, and stops to when any byte that matters is changed', () => {
    const bytes = signedBy(signingKey());
    expect(bytes.length).toBe(1808);
    expect(verifySigstruct(bytes)).toBe(true);
    // Vendor, date, modulus, signature, attributes, hash, product id, SVN, Q1, Q2.
    for (const offset of [16, 20, 128, 511, 516, 899, 928, 960, 991, 1024, 1026, 1040, 1423, 1424, 1807]) {
      const changed = bytes.slice();
      changed[offset] = (changed[offset] ?? 0) ^ 1;
      expect(verifySigstruct(changed), `offset ${offset}`).toBe(false);
    }
  });

  test('precomputes Q1 and Q2 so that the processor needs no division', () => {
    const bytes = signedBy(signingKey());
    const big = (from: number) =>
      BigInt(
        `0x${Buffer.from(bytes.slice(from, from + 384))
          .reverse()
          .toString('hex')}`,
      );
    const [n, s, q1, q2] = [big(128), big(516), big(1040), big(1424)];
    const square = s * s - q1 * n;
    expect(square >= 0n && square < n).toBe(true);
    const cube = square * s - q2 * n;
    expect(cube >= 0n && cube < n).toBe(true);
    // What is left is the padded hash: 00 01 ff … of PKCS #1.
    expect(cube.toString(16).startsWith('1ffff')).toBe(true);
  });

  test('of another length or kind is refused', async () => {
    const bytes = signedBy(signingKey());
    expect((await thrownBy(() => parseSigstruct(bytes.slice(1)))).code).toBe('ERR_DEVICE_STRUCT');
    for (const offset of [0, 24, 512]) {
      const changed = bytes.slice();
      changed[offset] = (changed[offset] ?? 0) ^ 1;
      expect((await thrownBy(() => parseSigstruct(changed))).code, `offset ${offset}`).toBe('ERR_DEVICE_STRUCT');
    }
    const zeroModulus = bytes.slice();
    zeroModulus.fill(0, 128, 512);
    expect(verifySigstruct(zeroModulus)).toBe(false);
  });

  test('is signed by RSA-3072 with exponent 3 and nothing else', async () => {
    const rsa = (modulusLength: number, publicExponent: number) =>
      createPrivateKey(
        generateKeyPairSync('rsa', { modulusLength, publicExponent }).privateKey.export({
          type: 'pkcs8',
          format: 'pem',
        }),
      );
    const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    for (const key of [rsa(2048, 3), rsa(3072, 65_537), elliptic]) {
      expect((await thrownBy(() => signedBy(key))).code).toBe('ERR_INVALID_ARGUMENT');
    }
    expect(parseSigstruct(signedBy(newSigningKey())).mrSigner).not.toEqual(
      parseSigstruct(signedBy(signingKey())).mrSigner,
    );
  });
});
