import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { isSigned, sign } from '@neo-service-layer/examples/signing-service/client.ts';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployExample, readsBack, type Stage, stage } from './support.ts';

const name = 'signing-service';
let here: Stage;
let elsewhere: Stage;
let service: { functionHash: string };

beforeAll(async () => {
  here = await stage();
  elsewhere = await stage();
  service = await deployExample(await here.as('alice'), name).then(({ functionHash }) => ({ functionHash }));
});
afterAll(() => Promise.all([here.end(), elsewhere.end()]));

/** Every 32 bytes in there that are the private key of this public one: as they are, or in hex. */
function privateKeysIn(bytes: Buffer, publicKey: string): number {
  const wanted = Buffer.from(publicKey, 'hex').toString('base64url');
  // Node takes a JWK's `d` and derives the public key itself, ten times as fast as out of PKCS#8; the `x` is not looked at.
  const x = Buffer.alloc(32).toString('base64url');
  const isKey = (seed: Buffer) => {
    const key = { kty: 'OKP', crv: 'Ed25519', d: seed.toString('base64url'), x };
    return createPublicKey(createPrivateKey({ key, format: 'jwk' })).export({ format: 'jwk' }).x === wanted;
  };
  let found = 0;
  for (let at = 0; at + 32 <= bytes.length; at += 1) if (isKey(bytes.subarray(at, at + 32))) found += 1;
  for (const [run] of bytes.toString('latin1').matchAll(/[0-9a-f]{64,}/g))
    for (let at = 0; at + 64 <= run.length; at += 1) if (isKey(Buffer.from(run.slice(at, at + 64), 'hex'))) found += 1;
  return found;
}

describe('a signing service', () => {
  it('signs what a bank can check with the public key alone', async () => {
    const alice = await here.as('alice');
    const { publicKey, left, signed } = await sign(alice, service, { to: 'bob', amount: 300 });
    if (signed === null) throw new Error('nothing was signed');
    expect(left).toBe(700);
    const payment = { to: 'bob', amount: 300, number: signed.number };
    expect(isSigned(payment, signed.signature, publicKey)).toBe(true);
    expect(isSigned({ ...payment, amount: 301 }, signed.signature, publicKey)).toBe(false);
  });

  it('signs for no more than its budget, however many ask at once', async () => {
    const alice = await here.as('alice');
    const wishes = Array.from({ length: 4 }, () => sign(alice, service, { to: 'bob', amount: 300 }));
    const settled = await Promise.allSettled(wishes);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect(await thrownBy(() => sign(alice, service, { to: 'bob', amount: 101 }))).toMatchObject({
      code: 'ERR_JS_USER',
      details: { name: 'RangeError' },
    });
  });

  it('gives its key to no other version of it, its owner’s neither, and has it after a restart', async () => {
    const alice = await here.as('alice');
    const { publicKey } = await sign(alice, service);
    for (const storage of ['pinned', true] as const) expect(await readsBack(alice, name, storage)).toEqual([]);
    await here.restart();
    const again = await here.as('alice');
    await deployExample(again, name);
    expect(await sign(again, service)).toEqual({ publicKey, left: 100, signed: null });
  });

  it('leaves its key nowhere that the host could find it', { timeout: 120_000 }, async () => {
    const alice = await elsewhere.as('alice');
    const { functionHash } = await deployExample(alice, name);
    // The key is made in the first call, so what the host had before has none.
    const before = elsewhere.crossed().length;
    const { publicKey } = await sign(alice, { functionHash }, { to: 'bob', amount: 1 });
    const host = elsewhere.crossed().subarray(before);
    expect(host.length).toBeGreaterThan(1000);
    expect(privateKeysIn(host, publicKey)).toBe(0);

    // The search finds a key that is there.
    const known = generateKeyPairSync('ed25519');
    const seed = Buffer.from(known.privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
    const shown = Buffer.from(known.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
    const leaky = Buffer.concat([host.subarray(0, 500), seed, Buffer.from(`"${seed.toString('hex')}"`)]);
    expect(privateKeysIn(leaky, shown)).toBe(2);
  });
});
