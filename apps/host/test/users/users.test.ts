import type { KeyObject } from 'node:crypto';
import { builtInConfiguration, type RuntimeConfiguration } from '@neo-service-layer/enclave-runtime';
import { EvilBlobStore } from '@neo-service-layer/evil-host';
import { ephemeralUserKey, type UserKey, userKeyFromSeed } from '@neo-service-layer/tee-client';
import { bytesToHex } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machine, signer, startEnclave } from '../in-process/enclave.ts';
import { EvilBlobs } from '../keyring/host-blobs.ts';

let host: Awaited<ReturnType<typeof machine>>;
let signKey: KeyObject;
let enclave: Awaited<ReturnType<typeof startEnclave>>;
let store: EvilBlobStore;
let alice: UserKey;
let bob: UserKey;
let root: UserKey;

const users = (changes: Partial<RuntimeConfiguration['users']>): RuntimeConfiguration => ({
  ...builtInConfiguration,
  users: { ...builtInConfiguration.users, ...changes },
});

beforeAll(async () => {
  host = await machine();
  signKey = signer();
  alice = await ephemeralUserKey('alice');
  bob = await userKeyFromSeed('bob', new Uint8Array(32).fill(0xb0));
  root = await ephemeralUserKey('root');
  store = new EvilBlobStore();
  const configuration = users({ administrators: [bytesToHex(root.publicKey)] });
  enclave = await startEnclave(host.platform, signKey, { configuration, store });
});

afterAll(async () => {
  await enclave.stop();
  await host.remove();
});

const codeOf = async (action: () => Promise<unknown>) => (await thrownBy(action)).code;
const keyOf = (user: UserKey) => bytesToHex(user.publicKey);
const adder = { functionId: 'adder', code: 'function main(input, secrets) { return input.n + secrets.base.n; }' };

describe('a user', () => {
  it('is who its key says, registered with the first call, and nobody else gets in under its id', async () => {
    const client = await enclave.connect({ user: alice });
    expect(await client.whoAmI()).toMatchObject({
      userId: 'alice',
      publicKey: keyOf(alice),
      registered: 'first-use',
      isAdministrator: false,
      stored: { kept: true },
    });
    const mallory = { ...(await ephemeralUserKey('alice')) };
    expect(await codeOf(() => enclave.connect({ user: mallory }))).toBe('ERR_USER_SIGN_IN');
  });

  it('runs functions in its own name only', async () => {
    const client = await enclave.connect({ user: alice });
    const call = { functionId: 'f', code: 'const main = (input, secrets, functionId, userId) => userId;' };
    expect((await client.executeJavaScript(call)).result).toBe('alice');
    expect((await client.executeJavaScript({ ...call, userId: 'alice' })).result).toBe('alice');
    expect(await codeOf(() => client.executeJavaScript({ ...call, userId: 'bob' }))).toBe('ERR_USER_FORBIDDEN');
  });

  it('signs in again by itself when the session is renewed or the enclave is verified anew', async () => {
    const now = { seconds: Date.now() / 1000 };
    const client = await enclave.connect({ user: alice, now: () => now.seconds, reattestSeconds: 60 });
    now.seconds += 61;
    expect((await client.whoAmI()).userId).toBe('alice');
    now.seconds += 3300;
    expect(await codeOf(() => client.whoAmI())).toBe('ERR_EVIDENCE_STALE');
  });

  it('cannot be had by signing another session’s binding', async () => {
    const bindings: Uint8Array[] = [];
    const curious: UserKey = {
      ...bob,
      sign: async (message) => {
        bindings.push(message);
        return bob.sign(message);
      },
    };
    await enclave.connect({ user: curious });
    // The signature of that session, used in another one.
    const [stolen] = await Promise.all(bindings.map((message) => bob.sign(message)));
    const thief: UserKey = { ...bob, sign: async () => stolen ?? new Uint8Array() };
    expect(await codeOf(() => enclave.connect({ user: thief }))).toBe('ERR_USER_SIGN_IN');
  });
});

describe('an anonymous caller', () => {
  it('may run what it brings along, and owns nothing', async () => {
    const client = await enclave.connect();
    const call = { functionId: 'f', code: 'const main = (input, secrets, functionId, userId) => userId;' };
    expect((await client.executeJavaScript(call)).result).toBe('anonymous');
    for (const action of [
      () => client.whoAmI(),
      () => client.deployFunction(adder),
      () => client.setSecret({ name: 's', value: 1 }),
      () => client.listData(),
      () => client.listUsers(),
    ]) {
      expect(await codeOf(action)).toBe('ERR_USER_REQUIRED');
    }
  });

  it('is refused everything but the proof of what the enclave is where the configuration says so', async () => {
    const closed = await startEnclave(host.platform, signKey, { configuration: users({ allowAnonymous: false }) });
    const client = await closed.connect();
    await client.getInfo();
    await client.getAttestationReport();
    const call = { functionId: 'f', code: 'const main = () => 1;' };
    expect(await codeOf(() => client.executeJavaScript(call))).toBe('ERR_USER_REQUIRED');
    expect(await codeOf(() => client.getRandomBytes({ length: 1 }))).toBe('ERR_USER_REQUIRED');
    await closed.stop();
  });
});

describe('what one user keeps', () => {
  it('is out of reach of another, who cannot even tell that it is there', async () => {
    const hers = await enclave.connect({ user: alice });
    const his = await enclave.connect({ user: bob });
    await hers.setSecret({ name: 'base', value: { n: 40 } });
    await hers.deployFunction({ ...adder, secrets: ['base'] });
    await hers.putData({ name: 'ledger', value: new TextEncoder().encode('HERS') });
    const owner = keyOf(alice);
    expect(await his.listFunctions()).toEqual([]);
    expect(await his.listSecrets()).toEqual([]);
    expect(await his.listData()).toEqual([]);
    expect(await his.removeData({ name: 'ledger' })).toBe(false);
    const there = await thrownBy(() => his.invokeFunction({ owner, functionId: 'adder', input: { n: 2 } }));
    const nowhere = await thrownBy(() => his.invokeFunction({ owner, functionId: 'nowhere', input: { n: 2 } }));
    expect(there).toMatchObject({ code: 'ERR_NOT_FOUND' });
    expect({ ...there }).toEqual({ ...nowhere });
    expect(await codeOf(() => his.getFunction({ functionId: 'adder' }))).toBe('ERR_NOT_FOUND');
    expect(await codeOf(() => his.getData({ name: 'ledger' }))).toBe('ERR_NOT_FOUND');
    // His own of the same names change nothing of hers.
    await his.setSecret({ name: 'base', value: { n: 1000 } });
    await his.putData({ name: 'ledger', value: new TextEncoder().encode('HIS') });
    const deployed = { functionId: 'adder', input: { n: 2 } };
    expect((await hers.invokeFunction(deployed)).result).toBe(42);
    expect(Buffer.from((await hers.getData({ name: 'ledger' })).value).toString()).toBe('HERS');
  });

  it('sealed as a blob opens for that user only', async () => {
    const hers = await enclave.connect({ user: alice });
    for (const policy of ['keyring', 'enclave', 'signer'] as const) {
      const sealed = await hers.sealData({ data: Uint8Array.of(1, 2), policy, name: 'n' });
      expect(await hers.unsealData({ sealed, name: 'n' })).toEqual(Uint8Array.of(1, 2));
      for (const other of [await enclave.connect({ user: bob }), await enclave.connect()]) {
        expect(await codeOf(() => other.unsealData({ sealed, name: 'n' }))).toBe('ERR_SEAL_TAMPERED');
      }
    }
  });

  it('may be run by whom the owner lets, with the owner’s secrets, which they do not see', async () => {
    const hers = await enclave.connect({ user: alice });
    const his = await enclave.connect({ user: bob });
    await hers.setSecret({ name: 'base', value: { n: 40 } });
    const mine = await hers.deployFunction({ ...adder, secrets: ['base'], invokers: [keyOf(bob)] });
    const invocation = { owner: keyOf(alice), functionId: 'adder', input: { n: 2 } };
    const outcome = await his.invokeFunction({ ...invocation, receipt: true });
    expect(outcome.result).toBe(42);
    expect(outcome.receipt?.document).toBeInstanceOf(Uint8Array);
    expect(await codeOf(async () => (await enclave.connect()).invokeFunction(invocation))).toBe('ERR_NOT_FOUND');
    // He may hold her to the code that he read.
    await his.invokeFunction({ ...invocation, functionHash: mine.functionHash });
    await hers.deployFunction({ ...adder, code: `${adder.code} //`, secrets: ['base'], invokers: 'everyone' });
    expect(await codeOf(() => his.invokeFunction({ ...invocation, functionHash: mine.functionHash }))).toBe(
      'ERR_NOT_FOUND',
    );
    expect((await (await enclave.connect()).invokeFunction(invocation)).result).toBe(42);
  });

  it('goes on from call to call in a function’s storage, which no other function of hers shares', async () => {
    const hers = await enclave.connect({ user: alice });
    const code =
      'export default async () => { const n = (await storage.get("n") ?? 0) + 1; await storage.put("n", n); return n; };';
    const counter = {
      functionId: 'counter',
      kind: 'module' as const,
      code,
      storage: true,
      invokers: 'everyone' as const,
    };
    await hers.deployFunction(counter);
    const his = await enclave.connect({ user: bob });
    const invocation = { owner: keyOf(alice), functionId: 'counter' };
    expect((await hers.invokeFunction(invocation)).result).toBe(1);
    expect((await his.invokeFunction(invocation)).result).toBe(2);
    await hers.deployFunction({ ...counter, functionId: 'counter2' });
    expect((await hers.invokeFunction({ functionId: 'counter2' })).result).toBe(1);
    expect(await hers.removeFunction({ functionId: 'counter' })).toBe(true);
    expect(await codeOf(() => his.invokeFunction(invocation))).toBe('ERR_NOT_FOUND');
    await hers.deployFunction(counter);
    expect((await hers.invokeFunction(invocation)).result).toBe(1);
  });

  it('is changed only over what was read, if asked to', async () => {
    const hers = await enclave.connect({ user: alice });
    const value = Uint8Array.of(1);
    const { version } = await hers.putData({ name: 'cas', value, ifVersion: null });
    expect(await codeOf(() => hers.putData({ name: 'cas', value, ifVersion: null }))).toBe('ERR_SEAL_CONFLICT');
    expect((await hers.putData({ name: 'cas', value, ifVersion: version })).version).toBeGreaterThan(version);
    expect(await hers.listData({ prefix: 'c' })).toMatchObject([{ name: 'cas', bytes: 1, freshness: 'process' }]);
  });

  it('names its secrets by hash in receipts only, with the key that signed in', async () => {
    const { parseReceipt } = await import('@neo-service-layer/receipt');
    const hers = await enclave.connect({ user: alice });
    const { receipt } = await hers.executeJavaScript({ functionId: 'f', code: 'const main = () => 1;', receipt: true });
    const nobody = await (await enclave.connect()).executeJavaScript({
      functionId: 'f',
      userId: 'alice',
      code: 'const main = () => 1;',
      receipt: true,
    });
    const read = (issued: typeof receipt) => parseReceipt(issued?.document ?? new Uint8Array()).receipt;
    expect(read(receipt)).toMatchObject({ userId: 'alice', userKey: alice.publicKey });
    expect(read(nobody.receipt)).toMatchObject({ userId: 'alice', userKey: null });
  });
});

describe('an administrator', () => {
  it('registers users and sets quotas, and sees sizes, never names or content', async () => {
    const administrator = await enclave.connect({ user: root });
    const carol = await ephemeralUserKey('carol');
    const registered = await administrator.registerUser({ userId: 'carol', publicKey: keyOf(carol) });
    expect(registered).toMatchObject({ userId: 'carol', registered: 'administrator' });
    const taken = { userId: 'carol', publicKey: keyOf(bob) };
    expect(await codeOf(() => administrator.registerUser(taken))).toBe('ERR_USER_SIGN_IN');
    const hers = await enclave.connect({ user: carol });
    const quota = { ...registered.quota, storedBytes: 300 };
    await administrator.setQuota({ userId: 'carol', quota });
    const value = new Uint8Array(400);
    // It applies to sessions that are open.
    expect(await codeOf(() => hers.putData({ name: 'NAME-CANARY', value }))).toBe('ERR_QUOTA');
    await hers.putData({ name: 'NAME-CANARY', value: value.subarray(0, 10) });
    const listed = await administrator.listUsers();
    expect(listed.map(({ userId }) => userId)).toEqual(['alice', 'bob', 'carol', 'root']);
    expect(listed.find(({ userId }) => userId === 'carol')?.stored.entries).toBe(1);
    expect(JSON.stringify(listed)).not.toContain('CANARY');
    expect(await codeOf(() => administrator.setQuota({ userId: 'nobody', quota: null }))).toBe('ERR_USER_UNKNOWN');
  });

  it('is nobody but whom the measured configuration names', async () => {
    const his = await enclave.connect({ user: bob });
    const request = { userId: 'bob', quota: null };
    expect(await codeOf(() => his.setQuota(request))).toBe('ERR_USER_FORBIDDEN');
    expect(await codeOf(() => his.listUsers())).toBe('ERR_USER_FORBIDDEN');
  });
});

describe('across a restart', () => {
  it('users find what they kept; the host that turns the directory back frees names and gets nobody’s data', async () => {
    const blobs = new EvilBlobs();
    const kept = new EvilBlobStore();
    const first = await startEnclave(host.platform, signKey, { blobs, store: kept });
    const empty = kept.snapshot();
    const hers = await first.connect({ user: alice });
    await hers.putData({ name: 'ledger', value: new TextEncoder().encode('HERS') });
    await first.stop();

    const second = await startEnclave(host.platform, signKey, { blobs, store: kept.fork() });
    const again = await second.connect({ user: alice });
    expect(Buffer.from((await again.getData({ name: 'ledger' })).value).toString()).toBe('HERS');
    await second.stop();

    const mallory = { ...(await ephemeralUserKey('alice')) };
    kept.rollBack(empty);
    const third = await startEnclave(host.platform, signKey, { blobs, store: kept });
    const thief = await third.connect({ user: mallory });
    expect(await thief.listData()).toEqual([]);
    await third.stop();
  });

  it('without a place on the host everything lives for one start, and says so', async () => {
    const forgetful = await startEnclave(host.platform, signKey);
    const client = await forgetful.connect({ user: alice });
    await client.putData({ name: 'n', value: Uint8Array.of(1) });
    expect((await client.whoAmI()).stored).toMatchObject({ entries: 1, kept: false });
    await forgetful.stop();
  });
});

describe('what crosses the host', () => {
  it('holds neither ids, names, secrets, code nor keys of users', async () => {
    const user = await ephemeralUserKey('ID-CANARY');
    const client = await enclave.connect({ user });
    await client.setSecret({ name: 'SECRETNAME-CANARY', value: 'SECRETVALUE-CANARY' });
    await client.deployFunction({ functionId: 'FUNCTION-CANARY', code: 'const main = () => "CODE-CANARY";' });
    await client.invokeFunction({ functionId: 'FUNCTION-CANARY' });
    await client.putData({ name: 'DATANAME-CANARY', value: new TextEncoder().encode('DATA-CANARY') });
    const crossed = enclave.crossed();
    for (const word of ['CANARY', keyOf(user), Buffer.from(user.publicKey)]) expect(crossed.includes(word)).toBe(false);
    for (const key of store.keys) expect(key).toMatch(/^[a-z0-9.]+$/);
  });
});
