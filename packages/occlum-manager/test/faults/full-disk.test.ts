import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireOrSkip, thrownBy } from '@neo-service-layer/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { takeLock } from '../../src/index.ts';
import { madeOnce } from '../support/made-once.ts';
import { builtInstance } from '../support/script-instance.ts';

const mounts: string[] = [];

/** A built instance on a file system of its own, of a few megabytes. */
async function onSmallDisk(above: string) {
  const folder = join(above, 'disk');
  mkdirSync(folder);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
  if (mounted.status !== 0) throw new Error('root may not mount here');
  mounts.push(folder);
  const made = await builtInstance({ sh: 'exit 4' }, folder);
  const data = join(made.instance.dir, 'run/mount/__ROOT/data');
  writeFileSync(data, 'precious');
  const { mrEnclave } = await made.instance.measurements();
  const unharmed = async (): Promise<void> => {
    expect((await made.instance.measurements()).mrEnclave).toBe(mrEnclave);
    expect(readFileSync(data, 'utf8')).toBe('precious');
    expect((await (await made.instance.run('/bin/sh')).exited).code).toBe(4);
  };
  return { ...made, unharmed };
}

const mayMount = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;

describe.skipIf(!requireOrSkip(mayMount, 'the right to mount a tmpfs (root)'))('a full disk (needs root)', () => {
  afterAll(() => {
    for (const folder of mounts) spawnSync('umount', ['-l', folder]);
  });
  const system = madeOnce(onSmallDisk);

  test('§7 #157: fails a build before it begins, and the one before stays', async () => {
    const { instance, signKey, unharmed } = system();
    const large = join(instance.imageDir, 'bin/large');
    writeFileSync(large, new Uint8Array(2 << 20));
    const early = await thrownBy(() => instance.build({ signKey }));
    expect([early.code, early.message]).toEqual(['ERR_OCCLUM_BUILD', expect.stringContaining('space')]);
    rmSync(large);
    await unharmed();
  });

  test('while the new image is put in place leaves the old one, and nothing of the new', async () => {
    const { instance, signKey, unharmed } = system();
    const full = await thrownBy(() =>
      instance.build({
        signKey,
        fillImage: async (root) => writeFileSync(join(root, 'larger'), new Uint8Array(6 << 20)),
      }),
    );
    expect(full.code).toBe('ENOSPC');
    expect(readdirSync(join(instance.dir, '.manager'))).not.toContain('next-image');
    await unharmed();
  });

  test('while the tool writes is told as such, and the build before stands again', async () => {
    const { instance, signKey, fake, unharmed } = system();
    fake.behave({ build: 'fill-disk' });
    const error = await thrownBy(() => instance.build({ signKey }));
    fake.behave({});
    expect([error.code, error.message]).toEqual(['ERR_OCCLUM_BUILD', expect.stringContaining('disk is full')]);
    await unharmed();
  });

  test('does not keep a lock from being released, nor one from being asked for in vain', async () => {
    const { folder, unharmed } = system();
    const locks = join(folder, 'locks');
    const lock = await takeLock(locks, 'first');
    const filler = join(folder, 'filler');
    expect((await thrownBy(() => writeFileSync(filler, new Uint8Array(8 << 20)))).code).toBe('ENOSPC');
    await lock.release();
    const refused = await thrownBy(() => takeLock(locks, 'second'));
    expect(refused.code).toBe('ERR_OCCLUM_INSTANCE');
    rmSync(filler);
    await (await takeLock(locks, 'third')).release();
    await unharmed();
  });
});
