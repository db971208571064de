import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ed25519PublicKey } from '../../src/crypto/ed25519.ts';
import { joinSecret, splitSecret } from '../../src/grant/secret-sharing.ts';
import {
  encodeSignedApproval,
  type GrantApproval,
  Keyring,
  makeRecovery,
  openRecoveryShare,
  parseSignedApproval,
  recoverKeyring,
  requireApproval,
  signApproval,
} from '../../src/index.ts';

const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;
const newKey = () => generateKeyPairSync('ed25519').privateKey;
const [a, b, c] = [newKey(), newKey(), newKey()];
const rule = { approvers: [a, b].map(ed25519PublicKey), threshold: 2 };
const approval: GrantApproval = {
  keyringId: new Uint8Array(16).fill(1),
  fromMrEnclave: 'aa'.repeat(32),
  toMrEnclave: 'bb'.repeat(32),
  minIsvSvn: 3,
  notAfter: 1000,
};
const unsigned = { approval, signatures: [] };

describe('an approval', () => {
  it('holds when enough of the named keys signed it, up to its last second', () => {
    const both = parseSignedApproval(encodeSignedApproval(signApproval(signApproval(unsigned, a), b)));
    requireApproval(both, rule, 1000);
    expect(both.approval).toEqual(approval);
  });

  it.each([
    ['one signature of two', signApproval(unsigned, a), 0],
    ['the same signature twice', signApproval(signApproval(unsigned, a), a), 0],
    ['a signature of somebody else', signApproval(signApproval(unsigned, a), c), 0],
    ['two signatures, a second too late', signApproval(signApproval(unsigned, a), b), 1001],
    ['no time at all', signApproval(signApproval(unsigned, a), b), Number.NaN],
  ])('does not hold with %s', async (_what, signed, now) => {
    expect(await codeOf(() => requireApproval(signed, rule, now))).toBe('ERR_SEAL_GRANT_REFUSED');
  });

  it('does not hold for anything else than what was signed', async () => {
    const { signatures } = signApproval(signApproval(unsigned, a), b);
    for (const change of [
      { keyringId: new Uint8Array(16).fill(2) },
      { fromMrEnclave: 'cc'.repeat(32) },
      { toMrEnclave: 'cc'.repeat(32) },
      { minIsvSvn: 0 },
      { notAfter: 2000 },
    ]) {
      const changed = { approval: { ...approval, ...change }, signatures };
      expect(await codeOf(() => requireApproval(changed, rule, 0))).toBe('ERR_SEAL_GRANT_REFUSED');
    }
  });

  it('is read from any bytes as an approval or refused as none', () => {
    const good = encodeSignedApproval(signApproval(unsigned, a));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(good.length - 1), fc.nat(255), (bytes, at, value) => {
        expect(() => parseSignedApproval(bytes)).toThrow(expect.objectContaining({ code: 'ERR_SEAL_FORMAT' }));
        const changed = good.slice();
        changed[at] = value;
        try {
          parseSignedApproval(changed);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_SEAL_FORMAT' });
        }
      }),
    );
  });
});

describe('secret sharing', () => {
  it('gives the secret back from any n of m shares, and something else from fewer', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.nat(3),
        fc.uint8Array({ minLength: 16, maxLength: 32 }),
        (n, extra, secret) => {
          const shares = splitSecret(secret, n, n + extra, randomBytes);
          expect(joinSecret(shares.slice(extra))).toEqual(new Uint8Array(secret));
          expect(joinSecret(shares.slice(0, n))).toEqual(new Uint8Array(secret));
          if (n > 1) expect(joinSecret(shares.slice(0, n - 1))).not.toEqual(new Uint8Array(secret));
        },
      ),
    );
  });

  it('multiplies as AES does (FIPS 197, section 4.2: 57 times 13 is fe)', () => {
    // One coefficient, one byte: the share at x is the secret plus coefficient times x.
    const [, ...rest] = splitSecret(Uint8Array.of(0), 2, 0x13, () => Uint8Array.of(0x57));
    expect(rest.at(-1)).toEqual({ x: 0x13, bytes: Uint8Array.of(0xfe) });
  });
});

describe('recovery', () => {
  const holders = Array.from({ length: 3 }, () => generateKeyPairSync('x25519'));
  const raw = (jwkValue: string | undefined) => new Uint8Array(Buffer.from(jwkValue ?? '', 'base64url'));
  const publicKeys = holders.map(({ publicKey }) => raw(publicKey.export({ format: 'jwk' }).x));
  const privateKeys = holders.map(({ privateKey }) => raw(privateKey.export({ format: 'jwk' }).d));

  it('takes two of three holders, in any order, and no other way', async () => {
    const keyring = Keyring.create({ policy: { kind: 'enclave' }, now: 1 });
    const document = await makeRecovery(keyring, { holders: publicKeys, threshold: 2 });
    const shares = await Promise.all(privateKeys.map((key) => openRecoveryShare(document, key)));
    const [first, second, third] = shares as [(typeof shares)[0], (typeof shares)[0], (typeof shares)[0]];
    expect(recoverKeyring(document, [third, first]).encode()).toEqual(keyring.encode());
    for (const few of [[], [first], [second, second]]) {
      expect(await codeOf(() => recoverKeyring(document, few))).toBe('ERR_SEAL_GRANT_REFUSED');
    }
    const wrong = { x: second.x, bytes: second.bytes.map((byte) => byte ^ 1) };
    expect(await codeOf(() => recoverKeyring(document, [first, wrong]))).toBe('ERR_SEAL_GRANT_REFUSED');
    const stranger = raw(generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' }).d);
    expect(await codeOf(() => openRecoveryShare(document, stranger))).toBe('ERR_SEAL_GRANT_REFUSED');
    for (let at = 0; at < document.length; at += 11) {
      const changed = document.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(await codeOf(() => recoverKeyring(changed, [first, second]))).toMatch(/ERR_SEAL_(GRANT_REFUSED|FORMAT)/);
    }
  });

  it('is not made for a rule that means nothing', async () => {
    const keyring = Keyring.create({ policy: { kind: 'enclave' }, now: 1 });
    for (const threshold of [0, 4, 1.5]) {
      expect(await codeOf(() => makeRecovery(keyring, { holders: publicKeys, threshold }))).toBe(
        'ERR_INVALID_ARGUMENT',
      );
    }
  });
});
