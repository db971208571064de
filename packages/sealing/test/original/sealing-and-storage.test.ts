/**
 * The tests of the system that this one re-creates, by their names, about sealing, storage, transactions and secrets.
 * There they ran on mocks, or compared a value with itself; here they mean what they say.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { LogBlobStore } from '../../src/host/index.ts';
import {
  BlobSealer,
  Keyring,
  maxSealBytes,
  nodeAes256Gcm,
  nodeChaCha20Poly1305,
  ProcessAnchor,
  SealedStore,
  Sealer,
} from '../../src/index.ts';
import { cpu } from '../simulated-cpu.ts';
import { MemoryBlobStore } from '../support/memory-blob-store.ts';

const keyring = Keyring.create({ policy: { kind: 'enclave' }, now: 1 });
const bytes = (text: string) => new TextEncoder().encode(text);
const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;
const storeOf = (host = new MemoryBlobStore(), user = 'alice') =>
  SealedStore.open({ host, keyring, namespace: `secrets/${user}` });
const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

describe('OcclumInterfaceTests, OcclumAttestationProviderTests', () => {
  it('SealAndUnsealData_ShouldSucceed', async () => {
    const blob = await new Sealer(cpu()).seal(bytes('data to seal'));
    expect(Buffer.from(blob).includes('data to seal')).toBe(false);
    expect((await new Sealer(cpu()).unseal(blob)).data).toEqual(bytes('data to seal'));
  });
});

describe('SecurityTests, EnhancedSecurityTests', () => {
  it('SealedData_CannotBeReadOutsideEnclave', async () => {
    const blob = await new Sealer(cpu()).seal(bytes('secret'));
    for (const elsewhere of [{ fuse: 'another CPU' }, { mrEnclave: 'cc' }, { debug: true }]) {
      expect(await codeOf(() => new Sealer(cpu(elsewhere)).unseal(blob))).toBe('ERR_SEAL_KEY_MISMATCH');
    }
  });

  it('UserSecrets_AreIsolated, UserSecrets_ShouldBeIsolated', async () => {
    const host = new MemoryBlobStore();
    const [alice, bob] = [await storeOf(host, 'alice'), await storeOf(host, 'bob')];
    await alice.put('api-key', bytes('of alice'));
    expect(await bob.get('api-key')).toBeNull();
    await bob.put('api-key', bytes('of bob'));
    expect((await alice.get('api-key'))?.value).toEqual(bytes('of alice'));
    // The original split "user:name" at the colon, so that a user named "a" could reach into "a:b".
    const [a, ab] = [await storeOf(host, 'a'), await storeOf(host, 'a:b')];
    await ab.put('c', bytes('of a:b'));
    expect(await a.get('b:c')).toBeNull();
  });

  it('Storage_ShouldDetectTamperedData', async () => {
    const host = new MemoryBlobStore();
    const store = await storeOf(host);
    await store.put('a', bytes('value'));
    for (const [key, blob] of host.snapshot()) {
      if (!key.includes('.v')) continue;
      host.blobs.set(
        key,
        blob.map((byte, at) => (at === blob.length - 20 ? byte ^ 1 : byte)),
      );
    }
    expect(await codeOf(() => store.get('a'))).toBe('ERR_SEAL_TAMPERED');
  });
});

describe('ErrorHandlingTests, EdgeCaseTests', () => {
  it('InvalidSealedData_Throws', async () => {
    for (const invalid of [new Uint8Array(), bytes('not sealed'), new Uint8Array(1000)]) {
      expect(await codeOf(() => new Sealer(cpu()).unseal(invalid))).toBe('ERR_SEAL_FORMAT');
    }
  });

  it('VeryLongKey', async () => {
    const store = await storeOf();
    const long = 'k'.repeat(60_000);
    await store.put(long, bytes('value'));
    expect((await store.get(long))?.value).toEqual(bytes('value'));
    expect(await codeOf(() => store.put('k'.repeat(70_000), bytes('value')))).toBe('ERR_INVALID_ARGUMENT');
    expect((await store.get(long))?.name).toBe(long);
  });

  it('VeryLargeData', async () => {
    const store = await storeOf();
    const large = new Uint8Array(4 * 1024 * 1024).fill(7);
    await store.put('large', large);
    expect(Buffer.compare((await store.get('large'))?.value ?? new Uint8Array(), large)).toBe(0);
    expect(await codeOf(() => store.put('too large', new Uint8Array(maxSealBytes)))).toBe('ERR_SEAL_TOO_LARGE');
    expect(await store.get('too large')).toBeNull();
  });
});

describe('ErrorRecoveryTests, Persistence', () => {
  it('RestartRecoversState', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'original-'));
    folders.push(folder);
    const host = await LogBlobStore.open(folder);
    const before = await SealedStore.open({ host, keyring, namespace: 'n' });
    await before.put('counter', bytes('41'));
    await before.put('counter', bytes('42'));
    await host.close();
    const again = await LogBlobStore.open(folder);
    const after = await SealedStore.open({ host: again, keyring, namespace: 'n' });
    expect((await after.get('counter'))?.value).toEqual(bytes('42'));
    await again.close();
  });

  it('FailedTransaction_ChangesNothing', async () => {
    const anchor = new ProcessAnchor();
    const host = new MemoryBlobStore();
    const store = await SealedStore.open({ host, keyring, namespace: 'n', anchor });
    await store.put('a', bytes('1'));
    const before = host.snapshot();
    host.failNext = 'before';
    await expect(store.transaction(async (tx) => tx.put('a', bytes('2')))).rejects.toThrow('the host failed');
    expect(host.snapshot()).toEqual(before);
    const again = await SealedStore.open({ host, keyring, namespace: 'n', anchor });
    expect((await again.get('a'))?.value).toEqual(bytes('1'));
  });
});

describe('StorageTransaction', () => {
  it('Commit_WritesAll', async () => {
    const store = await storeOf();
    await store.put('c', bytes('gone'));
    const { commit } = await store.transaction(async (tx) => {
      tx.put('a', bytes('1'));
      tx.put('b', bytes('2'));
      tx.delete('c');
    });
    const [a, b, c] = await store.getMany(['a', 'b', 'c']);
    expect([a?.version, b?.version, c]).toEqual([commit.version, commit.version, null]);
  });

  it('Rollback_WritesNothing', async () => {
    const store = await storeOf();
    const failing = store.transaction(async (tx) => {
      tx.put('a', bytes('1'));
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await store.get('a')).toBeNull();
  });

  it('Read_SeesOwnWrites', async () => {
    const store = await storeOf();
    await store.put('a', bytes('old'));
    const { result } = await store.transaction(async (tx) => {
      tx.put('a', bytes('new'));
      tx.delete('b');
      return [await tx.get('a'), await tx.get('b'), await tx.get('c')];
    });
    expect(result).toEqual([bytes('new'), null, null]);
  });

  it('Write_IsInvisibleBeforeCommit', async () => {
    const store = await storeOf();
    await store.transaction(async (tx) => {
      tx.put('a', bytes('1'));
      expect(await store.get('a')).toBeNull();
    });
    expect((await store.get('a'))?.value).toEqual(bytes('1'));
  });

  it('ConcurrentChange_Conflicts', async () => {
    const store = await storeOf();
    await store.put('a', bytes('1'));
    const conflicting = store.transaction(async (tx) => {
      await tx.get('a');
      await store.put('a', bytes('other'));
      tx.put('a', bytes('mine'));
    });
    expect(await codeOf(() => conflicting)).toBe('ERR_SEAL_CONFLICT');
    expect((await store.get('a'))?.value).toEqual(bytes('other'));
    const absent = store.transaction(async (tx) => {
      await tx.get('b');
      await store.put('b', bytes('meanwhile'));
      tx.put('c', bytes('depends on the absence of b'));
    });
    expect(await codeOf(() => absent)).toBe('ERR_SEAL_CONFLICT');
  });

  it('UseAfterEnd_Throws', async () => {
    const store = await storeOf();
    const { result: finished } = await store.transaction(async (tx) => tx);
    expect(await codeOf(() => finished.put('a', bytes('1')))).toBe('ERR_INVALID_ARGUMENT');
    expect(await codeOf(() => finished.get('a'))).toBe('ERR_INVALID_ARGUMENT');
  });
});

describe.each([
  ['AES', nodeAes256Gcm],
  ['ChaCha20', nodeChaCha20Poly1305],
])('%s encryption provider', (_name, aead) => {
  const sealer = new BlobSealer(keyring, { aead });
  const context = { aad: bytes('context') };

  it('EncryptDecrypt_ReturnsOriginal', async () => {
    for (const data of [new Uint8Array(), bytes('x'), new Uint8Array(200_000).fill(3)]) {
      expect((await sealer.open(await sealer.seal(data, context), context)).data).toEqual(data);
    }
  });

  it('Encrypt_SameDataTwice_Differs', async () => {
    const [first, second] = [await sealer.seal(bytes('x')), await sealer.seal(bytes('x'))];
    expect(Buffer.compare(first, second)).not.toBe(0);
  });

  it('Decrypt_WrongContext_Throws', async () => {
    const blob = await sealer.seal(bytes('x'), context);
    expect(await codeOf(() => sealer.open(blob, { aad: bytes('another') }))).toBe('ERR_SEAL_TAMPERED');
    expect(await codeOf(() => sealer.open(blob))).toBe('ERR_SEAL_TAMPERED');
  });

  it('Decrypt_AfterKeyRotation_Succeeds', async () => {
    const rotating = Keyring.create({ policy: { kind: 'enclave' }, now: 1 });
    const own = new BlobSealer(rotating, { aead });
    const blob = await own.seal(bytes('x'));
    rotating.rotate({ now: 2 });
    expect((await own.open(blob)).data).toEqual(bytes('x'));
  });
});

describe('UserSecretsTests, SecretManager', () => {
  it('Store_Get_Exists_Update_Delete_Names_Count', async () => {
    const store = await storeOf();
    await store.put('one', bytes('1'));
    await store.put('two', bytes('2'));
    expect((await store.get('one'))?.value).toEqual(bytes('1'));
    await store.put('one', bytes('changed'));
    expect((await store.get('one'))?.value).toEqual(bytes('changed'));
    const names: string[] = [];
    for await (const name of store.list()) names.push(name);
    expect(new Set(names)).toEqual(new Set(['one', 'two']));
    expect(store.size).toBe(2);
    await store.delete('one');
    expect(await store.get('one')).toBeNull();
    await store.delete('one');
    expect(store.size).toBe(1);
  });

  it('GetMissing_ReturnsNull_AndEmptyIsNotMissing', async () => {
    const store = await storeOf();
    await store.put('empty', new Uint8Array());
    expect(await store.get('missing')).toBeNull();
    expect((await store.get('empty'))?.value).toEqual(new Uint8Array());
  });
});
