import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { maxHostBlobBytes } from '@neo-service-layer/tee-channel/host-link';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderBlobs } from '../src/index.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'folder-blobs-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe('a folder of blobs', () => {
  it('is made when something is kept in it, for its owner alone, and gives it back to another process', async () => {
    const folder = join(home, 'a', 'b');
    const blobs = new FolderBlobs(folder);
    expect(await blobs.get('keyring')).toBeNull();
    await blobs.put('keyring', Uint8Array.of(1, 2));
    await blobs.put('keyring', Uint8Array.of(3));
    expect(await new FolderBlobs(folder).get('keyring')).toEqual(Uint8Array.of(3));
    expect(await readdir(folder)).toEqual(['keyring']);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(blobs.path('keyring'))).mode & 0o777).toBe(0o600);
  });

  it('holds the one or the other as a whole when several write at once', async () => {
    const blobs = new FolderBlobs(join(home, 'race'));
    const values = Array.from({ length: 12 }, (_, index) => new Uint8Array(1000).fill(index));
    await Promise.all(values.map((value) => blobs.put('keyring', value)));
    const found = (await blobs.get('keyring')) ?? new Uint8Array();
    expect(found.length).toBe(1000);
    expect(new Set(found).size).toBe(1);
    expect(await readdir(join(home, 'race'))).toEqual(['keyring']);
  });

  it('says so when it cannot read or write, and leaves nothing behind', async () => {
    await writeFile(join(home, 'file'), '');
    const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;
    const inFile = new FolderBlobs(join(home, 'file'));
    expect(await codeOf(() => inFile.put('keyring', Uint8Array.of(1)))).toBe('ERR_HOST_BLOBS');
    expect(await codeOf(() => inFile.get('keyring'))).toBe('ERR_HOST_BLOBS');
    const blobs = new FolderBlobs(home);
    expect(await codeOf(() => blobs.get('../file'))).toBe('ERR_HOST_BLOBS');
    await writeFile(join(home, 'large'), new Uint8Array(maxHostBlobBytes + 1));
    expect(await codeOf(() => blobs.get('large'))).toBe('ERR_HOST_BLOBS');
  });
});
