import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { signInMessage } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { calculateJwkThumbprint, exportJWK, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { judgeSignIn } from '../../src/users/sign-in.ts';
import { UserDirectory } from '../../src/users/user-directory.ts';
import { defaultUsers, type TokenIssuer } from '../../src/users/users-configuration.ts';
import { newStores } from '../stores/stores.ts';

const binding = new Uint8Array(32).fill(9);
const now = 1_780_000_000;

interface Key {
  privateKey: KeyObject;
  publicKey: Uint8Array;
  hex: string;
}

function newKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
  return { privateKey, publicKey: raw, hex: Buffer.from(raw).toString('hex') };
}

function request(key: Key, userId: string, changes: { binding?: Uint8Array; token?: string } = {}) {
  const message = signInMessage(changes.binding ?? binding, userId, key.publicKey);
  const signature = new Uint8Array(sign(null, message, key.privateKey));
  return { userId, publicKey: key.publicKey, signature, token: changes.token };
}

function rulesWith(configuration: Partial<typeof defaultUsers> = {}) {
  const { stores } = newStores();
  const all = { ...defaultUsers, ...configuration };
  return { configuration: all, directory: new UserDirectory(stores, all.maxUsers), now: () => now };
}

describe('a sign-in', () => {
  it('binds a free id to the key that comes first, and to no other afterwards', async () => {
    const rules = rulesWith();
    const [alice, mallory] = [newKey(), newKey()];
    const user = await judgeSignIn(request(alice, 'alice'), binding, rules);
    expect(user).toMatchObject({
      userId: 'alice',
      publicKey: alice.hex,
      registered: 'first-use',
      isAdministrator: false,
    });
    const stolen = await thrownBy(() => judgeSignIn(request(mallory, 'alice'), binding, rules));
    expect(stolen.code).toBe('ERR_USER_SIGN_IN');
    await judgeSignIn(request(alice, 'alice'), binding, rules);
  });

  it.each<[string, (alice: Key, mallory: Key) => Parameters<typeof judgeSignIn>[0]]>([
    ['for another session', (alice) => request(alice, 'alice', { binding: new Uint8Array(32).fill(8) })],
    ['for another id', (alice) => ({ ...request(alice, 'alice'), userId: 'admin' })],
    [
      'with the signature of another key',
      (alice, mallory) => ({ ...request(mallory, 'alice'), publicKey: alice.publicKey }),
    ],
    ['with no signature', (alice) => ({ ...request(alice, 'alice'), signature: new Uint8Array() })],
    ['with a key that is none', (alice) => ({ ...request(alice, 'alice'), publicKey: new Uint8Array(32).fill(0xff) })],
    ['with a short key', (alice) => ({ ...request(alice, 'alice'), publicKey: new Uint8Array(5) })],
  ])('%s is refused, and binds nothing', async (_what, make) => {
    const rules = rulesWith();
    const [alice, mallory] = [newKey(), newKey()];
    expect((await thrownBy(() => judgeSignIn(make(alice, mallory), binding, rules))).code).toBe('ERR_USER_SIGN_IN');
    expect(await rules.directory.find('alice')).toBeNull();
    expect(await rules.directory.find('admin')).toBeNull();
  });

  it('of somebody unknown is refused where nobody is registered on first use', async () => {
    const administrator = newKey();
    const rules = rulesWith({ allowFirstUse: false, administrators: [administrator.hex] });
    const alice = newKey();
    expect((await thrownBy(() => judgeSignIn(request(alice, 'alice'), binding, rules))).code).toBe('ERR_USER_UNKNOWN');
    const root = await judgeSignIn(request(administrator, 'root'), binding, rules);
    expect(root).toMatchObject({ isAdministrator: true, registered: 'administrator' });
    await rules.directory.add({ userId: 'alice', publicKey: alice.hex, registered: 'administrator', quota: null });
    expect((await judgeSignIn(request(alice, 'alice'), binding, rules)).isAdministrator).toBe(false);
  });

  it('is refused when there is no room for another user', async () => {
    const rules = rulesWith({ maxUsers: 1 });
    await judgeSignIn(request(newKey(), 'alice'), binding, rules);
    expect((await thrownBy(() => judgeSignIn(request(newKey(), 'bob'), binding, rules))).code).toBe('ERR_BUSY');
  });
});

describe('a token', () => {
  const { privateKey: issuerKey, publicKey: issuerPublic } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const alice = newKey();
  let issuer: TokenIssuer;
  let jkt: string;

  beforeAll(async () => {
    issuer = {
      issuer: 'https://id.example.org',
      audience: 'oracle',
      keys: [{ ...(await exportJWK(issuerPublic)), kid: '1', alg: 'ES256' }],
      algorithms: ['ES256'],
      userIdPrefix: 'example:',
    };
    jkt = await calculateJwkThumbprint({
      kty: 'OKP',
      crv: 'Ed25519',
      x: Buffer.from(alice.publicKey).toString('base64url'),
    });
  });

  const token = (claims: object = {}, by: KeyObject = issuerKey, changes: { issuer?: string; exp?: number } = {}) =>
    new SignJWT({ cnf: { jkt }, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: '1' })
      .setIssuer(changes.issuer ?? issuer.issuer)
      .setAudience('oracle')
      .setSubject('alice')
      .setExpirationTime(changes.exp ?? now + 300)
      .sign(by);

  const signInWith = async (
    text: string,
    rules = rulesWith({ issuers: [issuer] }),
    userId = 'example:alice',
    key = alice,
  ) => judgeSignIn(request(key, userId, { token: text }), binding, rules);

  it('of a configured issuer registers its subject for the key that it names', async () => {
    const rules = rulesWith({ issuers: [issuer] });
    const user = await signInWith(await token(), rules);
    expect(user).toMatchObject({ userId: 'example:alice', registered: 'token' });
    // From then on the key is enough.
    await judgeSignIn(request(alice, 'example:alice'), binding, rules);
  });

  it.each<[string, () => Promise<string>]>([
    ['of another key of the same name', () => token({}, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)],
    ['that is over', () => token({}, issuerKey, { exp: now - 3600 })],
    ['of another issuer', () => token({}, issuerKey, { issuer: 'https://evil.example.org' })],
    ['that names no key', () => token({ cnf: undefined })],
    ['that names another key', () => token({ cnf: { jkt: 'x'.repeat(43) } })],
    ['that is none', async () => 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.'],
  ])('%s registers nobody', async (_what, make) => {
    const rules = rulesWith({ issuers: [issuer] });
    const error = await thrownBy(async () => signInWith(await make(), rules));
    expect(error.code).toBe('ERR_USER_SIGN_IN');
    expect(JSON.stringify(error)).not.toContain('eyJ');
    expect(await rules.directory.find('example:alice')).toBeNull();
  });

  it('is for its own subject only, and nobody else is registered under ids that begin like those of its issuer', async () => {
    const rules = rulesWith({ issuers: [issuer] });
    const text = await token();
    expect((await thrownBy(() => signInWith(text, rules, 'example:bob'))).code).toBe('ERR_USER_SIGN_IN');
    expect((await thrownBy(() => judgeSignIn(request(newKey(), 'example:eve'), binding, rules))).code).toBe(
      'ERR_USER_UNKNOWN',
    );
  });

  it('without a key in it is taken only where the configuration allows bearers by name', async () => {
    const bearer = rulesWith({ issuers: [{ ...issuer, allowBearerTokens: true }] });
    expect((await signInWith(await token({ cnf: undefined }), bearer)).userId).toBe('example:alice');
    const other = rulesWith({ issuers: [{ ...issuer, allowBearerTokens: true }] });
    const named = await token();
    expect((await thrownBy(() => signInWith(named, other, 'example:alice', newKey()))).code).toBe('ERR_USER_SIGN_IN');
  });
});
