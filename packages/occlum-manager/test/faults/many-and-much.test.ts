import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireOrSkip, thrownBy } from '@neo-service-layer/testing';
import { expect, onTestFinished, test } from 'vitest';
import { OcclumManager, occlumConfig } from '../../src/index.ts';
import { fakeOcclum } from '../support/fake-occlum.ts';
import { processesWith, until } from '../support/processes.ts';
import { addScript, scriptInstance } from '../support/script-instance.ts';
import { sharedKey } from '../support/shared-key.ts';
import { tempFolder } from '../support/temp-folder.ts';

test('twenty instances are made, built, run and stopped at once', async () => {
  const { folder, manager, signKey } = await scriptInstance();
  const work = Array.from({ length: 20 }, async (_, number) => {
    const instance = await manager.createInstance(join(folder, `n${number}.inst`));
    await instance.writeConfig(occlumConfig({ preset: 'native', productId: number }));
    addScript(instance, 'sh', '');
    addScript(instance, 'tell', `echo "${number}"; sleep 600`);
    const { mrEnclave } = await instance.build({ signKey });
    let output = '';
    const program = await instance.run('/bin/tell', [], {
      stdout: (chunk) => {
        output += Buffer.from(chunk).toString();
      },
    });
    await until(() => output !== '', 'the program', 60_000);
    await program.stop({ graceMs: 5000 });
    const { kind } = await program.exited;
    return { mrEnclave, output, kind };
  });
  const results = await Promise.all(work);
  expect(results.map(({ output }) => output)).toEqual(results.map((_, number) => `${number}\n`));
  expect(new Set(results.map(({ mrEnclave }) => mrEnclave)).size).toBe(20);
  expect(processesWith(folder)).toEqual([]);
}, 120_000);

test('two managers build one instance: one after the other, and the second finds a whole one', async () => {
  const { instance, manager, signKey } = await scriptInstance();
  const other = await manager.openInstance(instance.dir);
  const [one, two] = await Promise.all([
    instance.build({ signKey, lockWaitMs: 30_000, label: 'same', reuse: true }),
    other.build({ signKey, lockWaitMs: 30_000, label: 'same', reuse: true }),
  ]);
  expect(one.mrEnclave).toBe(two.mrEnclave);
  expect([one.reused, two.reused].filter(Boolean)).toHaveLength(1);
});

test('a gigabyte of output passes through in constant memory', async () => {
  const { instance, signKey } = await scriptInstance({ flood: 'head -c 1073741824 /dev/zero' });
  await instance.build({ signKey });
  const before = process.memoryUsage().rss;
  let seen = 0;
  let most = 0;
  const program = await instance.run('/bin/flood', [], {
    stdout: (chunk) => {
      seen += chunk.length;
      most = Math.max(most, process.memoryUsage().rss);
    },
  });
  expect((await program.exited).code).toBe(0);
  expect(seen).toBe(1 << 30);
  expect(most - before).toBeLessThan(150 << 20);
}, 120_000);

/** A folder on a file system of its own, of a few megabytes; null where that is not allowed. */
function smallDisk(): string | null {
  const folder = tempFolder();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
  if (mounted.status !== 0) return null;
  onTestFinished(() => void spawnSync('umount', ['-l', folder]));
  return folder;
}

const mayMount = process.getuid?.() === 0;

test.skipIf(!requireOrSkip(mayMount, 'the right to mount a tmpfs (root)'))(
  'issue 157: a full disk fails a build before it begins, and the one before stays (needs root)',
  async () => {
    const folder = smallDisk();
    if (folder === null) throw new Error('root may not mount here');
    mkdirSync(join(folder, 'tools'));
    const fake = fakeOcclum(join(folder, 'tools'));
    const manager = await OcclumManager.locate({ simulation: true, occlumPath: fake.executable });
    const instance = await manager.createInstance(join(folder, 'full.inst'));
    await instance.writeConfig(occlumConfig({ preset: 'native' }));
    const signKey = join(folder, 'key.pem');
    writeFileSync(signKey, await sharedKey());
    const { mrEnclave } = await instance.build({ signKey });
    writeFileSync(join(instance.dir, 'run/mount/__ROOT/data'), 'precious');
    writeFileSync(join(instance.imageDir, 'bin/large'), new Uint8Array(2 << 20));
    const early = await thrownBy(() => instance.build({ signKey }));
    expect([early.code, early.message]).toEqual(['ERR_OCCLUM_BUILD', expect.stringContaining('space')]);
    // The disk fills up while the new image is put in place.
    const full = await thrownBy(() =>
      instance.build({
        signKey,
        fillImage: async (root) => writeFileSync(join(root, 'larger'), new Uint8Array(6 << 20)),
      }),
    );
    expect(full.code).toBe('ENOSPC');
    expect((await instance.measurements()).mrEnclave).toBe(mrEnclave);
    expect(readFileSync(join(instance.dir, 'run/mount/__ROOT/data'), 'utf8')).toBe('precious');
  },
);
