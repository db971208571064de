import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { LogBlobStore } from '../../src/host/index.ts';
import { LmdbBlobStore } from '../../src/host/lmdb-blob-store.ts';
import { type HostBlobStore, Keyring, SealedStore } from '../../src/index.ts';

const folders: string[] = [];
async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'blobs-'));
  folders.push(folder);
  return folder;
}
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

type ClosableStore = HostBlobStore & { close(): Promise<void> };
const kinds: [string, (folder: string) => Promise<ClosableStore>][] = [
  ['log', (folder) => LogBlobStore.open(folder, { compactBytes: 2000 })],
  ['LMDB', async (folder) => LmdbBlobStore.open(folder)],
];

describe.each(kinds)('the host store of kind %s', (_kind, open) => {
  it('keeps what was written, also after it was opened again', async () => {
    const change = fc.record({
      key: fc.constantFrom('a.p', 'a.pf', 'a.s', 'b.v00', 'b.v01'),
      value: fc.option(fc.uint8Array({ maxLength: 400 })),
    });
    const batch = fc.uniqueArray(change, { selector: ({ key }) => key, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ batch, reopen: fc.boolean() }), { maxLength: 12 }), async (steps) => {
        const folder = await newFolder();
        let store = await open(folder);
        const model = new Map<string, string>();
        for (const { batch: changes, reopen } of steps) {
          await store.write(changes);
          for (const { key, value } of changes) {
            if (value) model.set(key, Buffer.from(value).toString('hex'));
            else model.delete(key);
          }
          if (reopen) {
            await store.close();
            store = await open(folder);
          }
          const keys = ['a.p', 'a.pf', 'a.s', 'b.v00', 'b.v01'];
          const found = (await store.getMany(keys)).map((value) => value && Buffer.from(value).toString('hex'));
          expect(found).toEqual(keys.map((key) => model.get(key) ?? null));
        }
        await store.close();
      }),
      { numRuns: 12 },
    );
  });

  it('holds a sealed store', async () => {
    const folder = await newFolder();
    const keyring = Keyring.create({ policy: { kind: 'enclave' }, now: 1 });
    const host = await open(folder);
    const store = await SealedStore.open({ host, keyring, namespace: 'n' });
    const changes = Array.from({ length: 300 }, (_, i) => ({ name: `n${i}`, value: new Uint8Array(100).fill(i) }));
    await store.write(changes);
    await host.close();
    const again = await open(folder);
    const reopened = await SealedStore.open({ host: again, keyring, namespace: 'n' });
    expect((await reopened.get('n250'))?.value).toEqual(new Uint8Array(100).fill(250));
    await again.close();
  });
});

describe('the log', () => {
  it('drops a torn record at its end and goes on', async () => {
    const folder = await newFolder();
    const first = await LogBlobStore.open(folder);
    await first.write([{ key: 'a', value: Uint8Array.of(1) }]);
    const whole = first.bytes;
    await first.write([
      { key: 'a', value: Uint8Array.of(2) },
      { key: 'b', value: Uint8Array.of(3) },
    ]);
    await first.close();
    const path = join(folder, 'blobs.log');
    const bytes = await readFile(path);
    for (let length = whole; length < bytes.length; length += 1) {
      await writeFile(path, bytes.subarray(0, length));
      const store = await LogBlobStore.open(folder);
      expect(await store.getMany(['a', 'b'])).toEqual([Uint8Array.of(1), null]);
      await store.close();
      expect((await stat(path)).size).toBe(whole);
    }
    await writeFile(path, bytes);
    await appendFile(path, Buffer.alloc(30, 0x74));
    const store = await LogBlobStore.open(folder);
    await store.write([{ key: 'c', value: Uint8Array.of(4) }]);
    await store.close();
    const again = await LogBlobStore.open(folder);
    expect(await again.getMany(['a', 'b', 'c'])).toEqual([Uint8Array.of(2), Uint8Array.of(3), Uint8Array.of(4)]);
    await truncate(path, 0);
    await again.close();
  });

  it('stays about as large as what it holds', async () => {
    const store = await LogBlobStore.open(await newFolder(), { compactBytes: 10_000 });
    for (let i = 0; i < 200; i += 1) await store.write([{ key: `k${i % 5}`, value: new Uint8Array(500).fill(i) }]);
    expect(store.bytes).toBeLessThan(12_000);
    expect(await store.getMany(['k4'])).toEqual([new Uint8Array(500).fill(199)]);
    await store.close();
  });
});
