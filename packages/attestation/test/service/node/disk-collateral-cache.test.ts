import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DiskCollateralCache } from '../../../src/service/node.ts';
import { testNow } from '../../helpers/test-pki.ts';
import { testClient, testServer } from '../support/clients.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'collateral-cache-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const path = (name: string) => join(folder, name);

describe('a cache on disk', () => {
  it('gives back what was put, to this process and the next', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,60}$/),
        fc.uint8Array({ maxLength: 500 }),
        async (key, entry) => {
          await new DiskCollateralCache(folder).put(key, entry);
          expect(await new DiskCollateralCache(folder).get(key)).toEqual(entry);
        },
      ),
      { numRuns: 30 },
    );
    expect(await new DiskCollateralCache(folder).get('never-put')).toBeNull();
  });

  it('leaves nothing behind but the entry, readable by its owner alone', async () => {
    const cache = new DiskCollateralCache(path('made/when/needed'));
    await cache.put('sgx-1', Uint8Array.of(1));
    await cache.put('sgx-1', Uint8Array.of(2));
    expect(await readdir(path('made/when/needed'))).toEqual(['sgx-1.collateral']);
    expect((await stat(path('made/when/needed/sgx-1.collateral'))).mode & 0o777).toBe(0o600);
    expect((await stat(path('made'))).mode & 0o777).toBe(0o700);
  });

  it('refuses keys that would be other files', async () => {
    const cache = new DiskCollateralCache(folder);
    for (const key of ['', '.', '..', '../x', 'a/b', 'a.b', 'A', '-a', 'a\0', 'ä', 'x'.repeat(200)]) {
      expect(await thrownBy(() => cache.get(key))).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
      expect(await thrownBy(() => cache.put(key, Uint8Array.of(1)))).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it('holds no more entries than it was told, and drops the oldest', async () => {
    const cache = new DiskCollateralCache(folder, { maxEntries: 3 });
    for (const key of ['a', 'b', 'c', 'd', 'e']) {
      await cache.put(key, Uint8Array.of(1));
      // Some file systems tell times apart by the millisecond at best.
      await utimes(path(`${key}.collateral`), new Date(), new Date(Date.now() - 60_000 + key.charCodeAt(0) * 100));
    }
    expect(new Set(await readdir(folder))).toEqual(new Set(['c.collateral', 'd.collateral', 'e.collateral']));
  });

  it('removes drafts of processes that died long ago, and no others', async () => {
    await writeFile(path('a.collateral.1.draft'), 'old');
    await writeFile(path('a.collateral.2.draft'), 'of a process that is at work');
    await writeFile(path('not-ours.txt'), 'left alone');
    const hourAgo = new Date(Date.now() - 3_600_000);
    await utimes(path('a.collateral.1.draft'), hourAgo, hourAgo);
    await utimes(path('not-ours.txt'), hourAgo, hourAgo);
    await new DiskCollateralCache(folder).put('a', Uint8Array.of(1));
    expect(new Set(await readdir(folder))).toEqual(new Set(['a.collateral', 'a.collateral.2.draft', 'not-ours.txt']));
  });

  it('reads neither links nor folders nor files of an absurd size', async () => {
    await writeFile(path('secret'), 'secret');
    await symlink(path('secret'), path('link.collateral'));
    await mkdir(path('folder.collateral'));
    await writeFile(path('huge.collateral'), '');
    await truncate(path('huge.collateral'), 1024 ** 3);
    const cache = new DiskCollateralCache(folder);
    for (const key of ['link', 'folder', 'huge']) {
      expect(await thrownBy(() => cache.get(key))).toMatchObject({ code: 'ERR_COLLATERAL_CACHE' });
    }
    await cache.put('link', Uint8Array.of(7));
    expect(await cache.get('link')).toEqual(Uint8Array.of(7));
    expect(await readFile(path('secret'), 'utf8')).toBe('secret');
  });

  it('says so when it cannot write, and leaves no draft', async () => {
    await writeFile(path('file'), '');
    const cache = new DiskCollateralCache(path('file'));
    expect(await thrownBy(() => cache.put('a', Uint8Array.of(1)))).toMatchObject({ code: 'ERR_COLLATERAL_CACHE' });
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('is whole after a writer was killed at any moment', async () => {
    const writer = fileURLToPath(new URL('../support/cache-writer.mjs', import.meta.url));
    const module = new URL('../../../dist/service/node.js', import.meta.url).href;
    for (const delay of [0, 3, 7, 12, 20, 35]) {
      const child = spawn(process.execPath, [writer, module, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, delay));
      child.kill('SIGKILL');
      await once(child, 'exit');
      const entry = await new DiskCollateralCache(folder).get('entry');
      if (!entry) continue;
      expect(entry.length).toBe(300_000);
      expect(entry.every((byte) => byte === entry[0])).toBe(true);
    }
    await new DiskCollateralCache(folder).put('entry', Uint8Array.of(1));
    expect(await new DiskCollateralCache(folder).get('entry')).toEqual(Uint8Array.of(1));
  });
});

describe('a client with a cache on disk', () => {
  it('needs no service after a restart', async () => {
    const { server, evidence } = await testServer();
    const cache = new DiskCollateralCache(folder);
    await testClient(server, { ...evidence, cache }).service.collateralFor(evidence.quote);
    await server.close();
    const clock = { now: testNow + 60 };
    const result = await testClient(server, { ...evidence, cache, clock }).service.collateralFor(evidence.quote);
    expect(result).toMatchObject({ origin: 'cache', ageSeconds: 60 });
  });

  it('fetches again what is damaged, and mends it', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const cache = new DiskCollateralCache(folder);
    await testClient(server, { ...evidence, cache }).service.collateralFor(evidence.quote);
    const [name = ''] = await readdir(folder);
    const whole = await readFile(path(name));
    for (const damaged of [
      whole.subarray(0, whole.length >> 1),
      Buffer.alloc(0),
      Buffer.alloc(whole.length),
      Buffer.from('{}'),
    ]) {
      await writeFile(path(name), damaged);
      const { service, warnings } = testClient(server, { ...evidence, cache });
      expect((await service.collateralFor(evidence.quote)).origin).toBe('service');
      expect(warnings.map(({ code }) => code)).toEqual(['ERR_COLLATERAL_CACHE']);
      expect(await readFile(path(name))).toEqual(whole);
    }
  });

  it('is not served the collateral of another root from the same folder', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const cache = new DiskCollateralCache(folder);
    await testClient(server, { ...evidence, cache }).service.collateralFor(evidence.quote);
    const [name = ''] = await readdir(folder);
    // The same bytes under the name of another platform.
    const other = name.replace('00a1b2c3d4e5', '00a1b2c3d4e6');
    await writeFile(path(other), await readFile(path(name)));
    await rm(path(name));
    const { service } = testClient(server, { ...evidence, cache });
    expect((await service.collateralFor(evidence.quote)).origin).toBe('service');
  });

  it('shares what another process refreshed', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    const cache = new DiskCollateralCache(folder);
    const clock = { now: testNow };
    const [a, b] = [
      testClient(server, { ...evidence, cache, clock }),
      testClient(server, { ...evidence, cache, clock }),
    ];
    await a.service.collateralFor(evidence.quote);
    expect((await b.service.collateralFor(evidence.quote)).origin).toBe('cache');
    clock.now += 86_400;
    await a.service.collateralFor(evidence.quote);
    await expect.poll(async () => (await a.service.collateralFor(evidence.quote)).ageSeconds).toBe(0);
    await b.service.collateralFor(evidence.quote);
    await expect.poll(async () => (await b.service.collateralFor(evidence.quote)).ageSeconds).toBe(0);
    expect(server.requests).toHaveLength(8);
  });

  it('works without a folder that it can use, and says so', async () => {
    const { server, evidence } = await testServer();
    await using _ = server;
    await writeFile(path('file'), '');
    const { service, warnings } = testClient(server, {
      ...evidence,
      cache: new DiskCollateralCache(path('file/below')),
    });
    expect((await service.collateralFor(evidence.quote)).origin).toBe('service');
    expect(new Set(warnings.map(({ code }) => code))).toEqual(new Set(['ERR_COLLATERAL_CACHE']));
  });
});
