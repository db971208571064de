import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { Account } from '../../src/stores/account.ts';
import { bytes, newStores } from './stores.ts';

const alice = 'a1'.repeat(32);
const bob = 'b0'.repeat(32);
const quota = { storedBytes: 1000, storedEntries: 3 };

describe('an account', () => {
  it('gives back what was put, and nothing of another key or kind', async () => {
    const { stores } = newStores();
    const hers = new Account(stores, alice);
    await hers.put('secret', 'api', bytes('ALICE'), { quota });
    expect(Buffer.from((await hers.get('secret', 'api'))?.value ?? []).toString()).toBe('ALICE');
    expect(await hers.get('data', 'api')).toBeNull();
    const his = new Account(stores, bob);
    expect(await his.get('secret', 'api')).toBeNull();
    expect(await his.list('secret')).toEqual([]);
    expect(await his.remove('secret', 'api')).toBe(false);
    await his.put('secret', 'api', bytes('BOB'), { quota });
    expect(Buffer.from((await hers.get('secret', 'api'))?.value ?? []).toString()).toBe('ALICE');
  });

  it('lists a kind by name, under a prefix, without its own bookkeeping', async () => {
    const account = new Account(newStores().stores, alice);
    const roomy = { storedBytes: 100_000, storedEntries: 100 };
    for (const name of ['b', 'a/2', 'a/1']) await account.put('data', name, bytes(name), { quota: roomy });
    await account.put('secret', 'a/3', bytes('s'), { quota: roomy });
    expect((await account.list('data')).map(({ name }) => name)).toEqual(['a/1', 'a/2', 'b']);
    expect((await account.list('data', 'a/')).map(({ name }) => name)).toEqual(['a/1', 'a/2']);
  });

  it('holds no more than its quota, in bytes and in entries, and gives room back', async () => {
    const account = new Account(newStores().stores, alice);
    expect((await thrownBy(() => account.put('data', 'big', new Uint8Array(1001), { quota }))).code).toBe('ERR_QUOTA');
    expect(await account.usage()).toEqual({ bytes: 0, entries: 0 });
    for (const name of ['1', '2', '3']) await account.put('data', name, bytes('x'), { quota });
    expect((await thrownBy(() => account.put('data', '4', bytes('x'), { quota }))).code).toBe('ERR_QUOTA');
    await account.put('data', '3', bytes('another'), { quota });
    await account.remove('data', '1');
    await account.put('data', '4', bytes('x'), { quota });
    expect((await account.usage()).entries).toBe(3);
    await account.removeAll('data', '');
    expect(await account.usage()).toEqual({ bytes: 0, entries: 0 });
  });

  it('counts right when writes overlap', async () => {
    const account = new Account(newStores().stores, alice);
    const roomy = { storedBytes: 100_000, storedEntries: 100 };
    const names = Array.from({ length: 8 }, (_, index) => `n${index}`);
    await Promise.all(names.map((name) => account.put('data', name, bytes(name), { quota: roomy })));
    expect((await account.usage()).entries).toBe(8);
  });

  it('writes only over the version that was read, if asked to', async () => {
    const account = new Account(newStores().stores, alice);
    const first = await account.put('data', 'n', bytes('1'), { quota, ifVersion: null });
    expect((await thrownBy(() => account.put('data', 'n', bytes('2'), { quota, ifVersion: null }))).code).toBe(
      'ERR_SEAL_CONFLICT',
    );
    const second = await account.put('data', 'n', bytes('2'), { quota, ifVersion: first });
    expect(second).toBeGreaterThan(first);
    const stale = await thrownBy(() => account.put('data', 'n', bytes('3'), { quota, ifVersion: first }));
    expect(stale).toMatchObject({ code: 'ERR_SEAL_CONFLICT', details: { wanted: first, found: second } });
  });
});

describe('the stores of an enclave', () => {
  it('go on after a write that the host failed', async () => {
    const { stores, host } = newStores();
    const account = new Account(stores, alice);
    await account.put('data', 'a', bytes('1'), { quota });
    host.fails = true;
    await expect(account.put('data', 'a', bytes('2'), { quota })).rejects.toThrow();
    host.fails = false;
    await account.put('data', 'b', bytes('3'), { quota });
    expect(Buffer.from((await account.get('data', 'a'))?.value ?? []).toString()).toBe('1');
    expect((await account.usage()).entries).toBe(2);
  });

  it('go on under a keyring that was rotated, also with calls under way', async () => {
    const { stores, held } = newStores();
    const account = new Account(stores, alice);
    const roomy = { storedBytes: 100_000, storedEntries: 100 };
    const { Keyring } = await import('@neo-service-layer/sealing');
    const puts: Promise<number>[] = [];
    for (let index = 0; index < 6; index += 1) {
      puts.push(account.put('data', `n${index}`, bytes('x'), { quota: roomy }));
      const rotated = Keyring.decode(held.keyring.encode());
      rotated.rotate({ now: index + 1 });
      held.keyring = rotated;
    }
    await Promise.all(puts);
    expect((await account.list('data')).length).toBe(6);
    expect((await account.usage()).entries).toBe(6);
  });

  it('refuse a host that turns an account back while the enclave runs, even if it was closed in between', async () => {
    const { stores, host } = newStores({ maxOpen: 1 });
    const account = new Account(stores, alice);
    const blobs = new Map<string, Uint8Array | null>();
    const { write } = host;
    await account.put('data', 'a', bytes('old'), { quota });
    host.write = async (changes) => {
      for (const { key } of changes) blobs.set(key, (await host.getMany([key]))[0] ?? null);
      await write(changes);
    };
    await account.put('data', 'a', bytes('new'), { quota });
    host.write = write;
    await host.write([...blobs].map(([key, value]) => ({ key, value })));
    // Another account takes the only place among the open stores.
    await new Account(stores, bob).usage();
    expect((await thrownBy(() => account.get('data', 'a'))).code).toBe('ERR_SEAL_ROLLBACK');
  });
});
