import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Keyring, ProcessAnchor, SealedStore, type SealedStoreOptions } from '../../src/index.ts';
import { MemoryBlobStore } from '../support/memory-blob-store.ts';

const keyring = Keyring.create({ policy: { kind: 'enclave' }, now: 1_800_000_000 });
const bytes = (text: string) => new TextEncoder().encode(text);
const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;
const opened = (host: MemoryBlobStore, options: Partial<SealedStoreOptions> = {}) =>
  SealedStore.open({ host, keyring, namespace: 'secrets/alice', ...options });

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('a sealed store', () => {
  it('behaves like a map, also after it was opened again', async () => {
    const name = fc.constantFrom('a', 'b', '', 'a:b', '../etc', 'ä', 'c', 'd', 'e', 'f', 'g');
    const step = fc.record({ name, value: fc.option(fc.uint8Array({ maxLength: 300 })), reopen: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.boolean(), async (steps, padded) => {
        const host = new MemoryBlobStore();
        const anchor = new ProcessAnchor();
        const options = { anchor, padding: padded ? ('size-classes' as const) : ('none' as const) };
        let store = await opened(host, options);
        const model = new Map<string, Uint8Array>();
        for (const { name: key, value, reopen } of steps) {
          if (value) model.set(key, value);
          else model.delete(key);
          await store.write([{ name: key, value }]);
          if (reopen) store = await opened(host, options);
          expect(store.size).toBe(model.size);
        }
        const found = await collect(store.entries());
        expect(new Map(found.map((entry) => [entry.name, Buffer.from(entry.value).toString('hex')]))).toEqual(
          new Map([...model].map(([key, value]) => [key, Buffer.from(value).toString('hex')])),
        );
        for (const [key, value] of model)
          expect(Buffer.from((await store.get(key))?.value ?? []).equals(value)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps thousands of entries in pages and finds, lists and deletes each', async () => {
    const host = new MemoryBlobStore();
    const store = await opened(host, { cachePages: 8 });
    const names = Array.from({ length: 3000 }, (_, i) => `key-${i}`);
    for (let at = 0; at < names.length; at += 500) {
      await store.write(names.slice(at, at + 500).map((name) => ({ name, value: bytes(name) })));
    }
    expect(store.size).toBe(3000);
    expect(new Set(await collect(store.list('key-1'))).size).toBe(1111);
    const values = await store.getMany(names.slice(0, 200));
    expect(values.map((value) => value?.name)).toEqual(names.slice(0, 200));
    for (let at = 0; at < names.length; at += 500) {
      await store.write(names.slice(at, at + 500).map((name) => ({ name, value: null })));
    }
    expect(store.size).toBe(0);
    expect(await collect(store.entries())).toEqual([]);
    // What is left is the state and its history.
    expect([...host.blobs.keys()].filter((key) => /\.[pv]/.test(key))).toEqual([]);
  }, 60_000);

  it('shows the host no name, no namespace and no value, and no size when padded', async () => {
    const host = new MemoryBlobStore();
    const store = await opened(host, { padding: 'size-classes' });
    await store.put('password-of-alice', bytes('correct horse'));
    await store.put('other', new Uint8Array(200));
    const everything = Buffer.concat([...host.blobs].flatMap(([key, value]) => [Buffer.from(key), value])).toString(
      'latin1',
    );
    for (const secret of ['password', 'alice', 'correct horse']) expect(everything).not.toContain(secret);
    const sizes = [...host.blobs].filter(([key]) => key.includes('.v')).map(([, value]) => value.length);
    expect(new Set(sizes).size).toBe(1);
  });

  it('refuses a name that is no text: it would become the name of another entry', async () => {
    const store = await opened(new MemoryBlobStore());
    await store.put('\ufffd', bytes('of another'));
    for (const name of ['\ud800', 'a\udc00', 'x'.repeat(65_536), 'ä'.repeat(40_000)]) {
      expect(await codeOf(() => store.get(name))).toBe('ERR_INVALID_ARGUMENT');
      expect(await codeOf(() => store.put(name, bytes('1')))).toBe('ERR_INVALID_ARGUMENT');
    }
    expect((await store.get('\ufffd'))?.value).toEqual(bytes('of another'));
    await store.put('x'.repeat(65_535), bytes('1'));
    await store.put('😀', bytes('2'));
    expect(store.size).toBe(3);
  });

  it('writes only if the value still has the version that was read', async () => {
    const store = await opened(new MemoryBlobStore());
    const { version } = await store.compareAndSwap('a', null, bytes('1'));
    expect(await codeOf(() => store.compareAndSwap('a', null, bytes('2')))).toBe('ERR_SEAL_CONFLICT');
    const next = await store.compareAndSwap('a', version, bytes('2'));
    expect(await codeOf(() => store.compareAndSwap('a', version, bytes('3')))).toBe('ERR_SEAL_CONFLICT');
    expect(await store.get('a')).toMatchObject({ value: bytes('2'), version: next.version });
    await store.compareAndSwap('a', next.version, null);
    expect(await store.get('a')).toBeNull();
  });

  it('serves reads and writes that run side by side, each from one state', async () => {
    const store = await opened(new MemoryBlobStore());
    await store.write([
      { name: 'x', value: bytes('0') },
      { name: 'y', value: bytes('0') },
    ]);
    const writes = Array.from({ length: 30 }, (_, i) => {
      const value = bytes(String(i));
      return store.write([
        { name: 'x', value },
        { name: 'y', value },
      ]);
    });
    const reads = Array.from({ length: 30 }, () => store.getMany(['x', 'y']));
    for (const [x, y] of await Promise.all(reads)) expect(x?.value).toEqual(y?.value);
    await Promise.all(writes);
    const counted = await Promise.allSettled(
      Array.from({ length: 10 }, () =>
        store.transaction(async (tx) => tx.put('n', Uint8Array.of(((await tx.get('n'))?.[0] ?? 0) + 1))),
      ),
    );
    const successes = counted.filter(({ status }) => status === 'fulfilled').length;
    expect((await store.get('n'))?.value).toEqual(Uint8Array.of(successes));
  });
});

describe('a host that attacks the store', () => {
  async function attacked() {
    const host = new MemoryBlobStore();
    const store = await opened(host);
    await store.write([
      { name: 'a', value: bytes('old') },
      { name: 'b', value: bytes('b') },
    ]);
    const before = host.snapshot();
    await store.put('a', bytes('new'));
    const valueKeys = [...host.blobs.keys()].filter((key) => key.includes('.v'));
    const changed = valueKeys.find((key) => !before.has(key)) ?? '';
    const other = valueKeys.find((key) => key !== changed) ?? '';
    // What lay under the name before: the commit that replaced it deleted it.
    const old = [...before].find(([key]) => key.includes('.v') && !host.blobs.has(key))?.[1] ?? new Uint8Array();
    return { host, store, before, changed, other, old };
  }

  it('turns a single value back: the read says which version was expected and which came', async () => {
    const { host, store, changed, old } = await attacked();
    host.blobs.set(changed, old);
    const error = await thrownBy(() => store.get('a'));
    expect(error).toMatchObject({ code: 'ERR_SEAL_ROLLBACK', expected: 'version 2', actual: 'version 1' });
    expect((await store.get('b'))?.value).toEqual(bytes('b'));
  });

  it('swaps two values, drops one, changes one', async () => {
    const { host, store, changed, other } = await attacked();
    const own = host.blobs.get(changed) ?? new Uint8Array();
    host.blobs.set(changed, host.blobs.get(other) ?? own);
    expect(await codeOf(() => store.get('a'))).toBe('ERR_SEAL_NAME_MISMATCH');
    host.blobs.delete(changed);
    expect(await codeOf(() => store.get('a'))).toBe('ERR_SEAL_ROLLBACK');
    host.blobs.set(
      changed,
      own.map((byte, index) => (index === own.length - 1 ? byte ^ 1 : byte)),
    );
    expect(await codeOf(() => store.get('a'))).toBe('ERR_SEAL_TAMPERED');
    host.blobs.set(changed, own.subarray(0, own.length - 5));
    expect(await codeOf(() => store.get('a'))).toBe('ERR_SEAL_TRUNCATED');
  });

  it('gives the values of one user to another', async () => {
    const host = new MemoryBlobStore();
    const alice = await opened(host);
    const bob = await opened(host, { namespace: 'secrets/bob' });
    await alice.put('pin', bytes('1111'));
    await bob.put('pin', bytes('2222'));
    const [first, second] = [...host.blobs.keys()].filter((key) => key.includes('.v'));
    const stolen = host.blobs.get(first ?? '') ?? new Uint8Array();
    host.blobs.set(second ?? '', stolen);
    const codes = [await alice.get('pin').catch(codeOfError), await bob.get('pin').catch(codeOfError)];
    expect(codes).toContain('ERR_SEAL_NAME_MISMATCH');
    // Users whose names run into one another are different users.
    const joined = await opened(host, { namespace: 'secrets/alic' });
    expect(await joined.get('epin')).toBeNull();
  });

  it('changes, drops or turns back a page of the index', async () => {
    const { host, store, before } = await attacked();
    const page = [...host.blobs.keys()].find((key) => key.endsWith('.p')) ?? '';
    const cold = () => opened(host);
    const own = host.blobs.get(page) ?? new Uint8Array();
    for (const value of [before.get(page), own.map((byte, i) => (i === 20 ? byte ^ 1 : byte)), null]) {
      if (value) host.blobs.set(page, value);
      else host.blobs.delete(page);
      expect(await codeOf(async () => (await cold()).get('a'))).toBe('ERR_SEAL_TAMPERED');
    }
    // The store that is open has the page in memory.
    expect((await store.get('a'))?.value).toEqual(bytes('new'));
  });

  it('turns everything back: only an anchor that outlives the store sees it', async () => {
    const anchor = new ProcessAnchor();
    const host = new MemoryBlobStore();
    const store = await opened(host, { anchor });
    await store.put('a', bytes('1'));
    const first = host.snapshot();
    await store.put('a', bytes('2'));
    host.blobs = first;
    expect(await codeOf(() => opened(host, { anchor }))).toBe('ERR_SEAL_ROLLBACK');
    host.blobs = new Map();
    expect(await codeOf(() => opened(host, { anchor }))).toBe('ERR_SEAL_ROLLBACK');
    host.blobs = first;
    expect((await (await opened(host)).get('a'))?.freshness).toBe('process');
  });

  it('fails in the middle of a write: the store says that it does not know, and after a start it does', async () => {
    for (const moment of ['before', 'after'] as const) {
      const anchor = new ProcessAnchor();
      const host = new MemoryBlobStore();
      const store = await opened(host, { anchor });
      await store.put('a', bytes('old'));
      host.failNext = moment;
      await expect(store.put('a', bytes('new'))).rejects.toThrow('the host failed');
      expect(await codeOf(() => store.get('a'))).toBe('ERR_SEAL_FRESHNESS_UNKNOWN');
      expect(await codeOf(() => store.put('a', bytes('x')))).toBe('ERR_SEAL_FRESHNESS_UNKNOWN');
      const again = await opened(host, { anchor });
      expect((await again.get('a'))?.value).toEqual(bytes(moment === 'before' ? 'old' : 'new'));
    }
  });
});

describe('the receipt of a client', () => {
  it('makes a read "client", as long as the state descends from it', async () => {
    const host = new MemoryBlobStore();
    const store = await opened(host);
    const { receipt } = await store.put('a', bytes('1'));
    expect((await store.get('a'))?.freshness).toBe('process');
    expect((await store.get('a', { receipt }))?.freshness).toBe('client');
    for (let i = 0; i < 5; i += 1) await store.put('b', Uint8Array.of(i));
    const restarted = await opened(host);
    expect((await restarted.get('a', { receipt }))?.freshness).toBe('client');
  });

  it('refuses an older state, another history, and a receipt that nobody here wrote', async () => {
    const host = new MemoryBlobStore();
    const store = await opened(host);
    await store.put('a', bytes('1'));
    const first = host.snapshot();
    const { receipt } = await store.put('a', bytes('2'));
    host.blobs = new Map(first);
    const rolledBack = await opened(host);
    expect(await codeOf(() => rolledBack.get('a', { receipt }))).toBe('ERR_SEAL_ROLLBACK');
    // A fork catches up in number, not in history.
    await rolledBack.put('a', bytes('other'));
    await rolledBack.put('a', bytes('another'));
    expect(await codeOf(() => rolledBack.get('a', { receipt }))).toBe('ERR_SEAL_ROLLBACK');
    const bob = await opened(host, { namespace: 'secrets/bob' });
    const foreign = (await bob.put('a', bytes('3'))).receipt;
    expect(await codeOf(() => store.get('a', { receipt: foreign }))).toBe('ERR_SEAL_FORMAT');
    for (let at = 0; at < receipt.length; at += 7) {
      const forged = receipt.map((byte, index) => (index === at ? byte ^ 1 : byte));
      expect(await codeOf(() => rolledBack.get('a', { receipt: forged }))).toBe('ERR_SEAL_FORMAT');
    }
  });

  it('is not believed beyond the history that is kept', async () => {
    const host = new MemoryBlobStore();
    const store = await opened(host, { historyEpochs: 3 });
    const { receipt } = await store.put('a', bytes('1'));
    for (let i = 0; i < 5; i += 1) await store.put('a', Uint8Array.of(i));
    expect(await codeOf(() => store.get('a', { receipt }))).toBe('ERR_SEAL_FRESHNESS_UNKNOWN');
    expect([...host.blobs.keys()].filter((key) => key.includes('.h'))).toHaveLength(3);
  });
});

describe('a rotation', () => {
  it('seals everything again in the background, with progress, and then destroys the old generation', async () => {
    const rotating = Keyring.create({ policy: { kind: 'enclave' }, now: 1 });
    const host = new MemoryBlobStore();
    const store = await opened(host, { keyring: rotating });
    const names = Array.from({ length: 200 }, (_, i) => `n${i}`);
    await store.write(names.map((name) => ({ name, value: bytes(name) })));
    rotating.rotate({ now: 2 });
    const progress: { done: number; total: number; resealed: number }[] = [];
    for await (const step of store.reseal()) {
      if (progress.length === 0) await store.put('n7', bytes('changed meanwhile'));
      progress.push(step);
    }
    expect(progress.length).toBeGreaterThan(1);
    expect(progress.at(-1)).toMatchObject({ done: 200, total: 200 });
    rotating.destroy(1);
    const reopened = await opened(host, { keyring: rotating });
    expect((await reopened.get('n7'))?.value).toEqual(bytes('changed meanwhile'));
    expect(await collect(reopened.list())).toHaveLength(200);
    expect((await collect(reopened.reseal())).at(-1)?.resealed).toBe(0);
  });

  it('seals the state again when there is nothing else to seal', async () => {
    const rotating = Keyring.create({ policy: { kind: 'enclave' }, now: 1 });
    const host = new MemoryBlobStore();
    const store = await opened(host, { keyring: rotating });
    await store.put('a', bytes('1'));
    await store.delete('a');
    rotating.rotate({ now: 2 });
    expect(await collect(store.reseal())).toEqual([]);
    rotating.destroy(1);
    expect((await opened(host, { keyring: rotating })).size).toBe(0);
  });
});

async function codeOfError(error: unknown): Promise<string | undefined> {
  return codeOf(() => Promise.reject(error));
}
