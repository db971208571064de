import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireOrSkip, thrownBy } from '@neo-service-layer/testing';
import { describe, expect, test } from 'vitest';
import { generateImageKey, occlumConfig } from '../../src/index.ts';
import { checkMount } from '../../src/instance/mount-image.ts';
import { madeOnce } from '../support/made-once.ts';
import { processesWith } from '../support/processes.ts';
import { builtInstance } from '../support/script-instance.ts';
import { otherKeyFile } from '../support/shared-key.ts';

async function mountable(folder: string) {
  const made = await builtInstance({}, folder);
  const at = join(folder, 'seen');
  mkdirSync(at);
  const marker = (await made.instance.status()).build;
  if (marker === null) throw new Error('it is built');
  return { ...made, at, marker };
}

describe('a mount is refused', () => {
  const system = madeOnce(mountable);

  test('without a device for FUSE', async () => {
    const { at, marker, signKey, folder } = system();
    const error = await thrownBy(() => checkMount(at, marker, { signKey }, join(folder, 'no-fuse')));
    expect([error.code, error.message]).toEqual(['ERR_OCCLUM_MOUNT', expect.stringContaining('no-fuse')]);
  });

  test('with another signing key than the build’s, or with an image key for an image that has none', async () => {
    const { at, marker, signKey, folder } = system();
    const other = otherKeyFile(folder);
    expect((await thrownBy(() => checkMount(at, marker, { signKey: other }, '/dev/null'))).code).toBe(
      'ERR_OCCLUM_MOUNT',
    );
    const imageKeyFile = join(folder, 'unused.key');
    await generateImageKey(imageKeyFile);
    const error = await thrownBy(() => checkMount(at, marker, { signKey, imageKeyFile }, '/dev/null'));
    expect(error.code).toBe('ERR_OCCLUM_MOUNT');
    await checkMount(at, marker, { signKey }, '/dev/null');
  });

  test('of an encrypted image without its key or with another', async () => {
    const { at, instance, signKey, folder } = system();
    const [file, other] = [join(folder, 'image.key'), join(folder, 'other.key')];
    await generateImageKey(file);
    await generateImageKey(other);
    const config = occlumConfig({ preset: 'native', allowDebug: true });
    await instance.build({ signKey, config, imageKey: { file, delivery: 'allow-built-in' } });
    const marker = (await instance.status()).build;
    if (marker === null) throw new Error('it is built');
    expect(readFileSync(join(instance.dir, 'build/manager.json'), 'utf8')).not.toContain(
      readFileSync(file, 'utf8').trim(),
    );
    for (const options of [{ signKey }, { signKey, imageKeyFile: other }]) {
      expect((await thrownBy(() => checkMount(at, marker, options, '/dev/null'))).code).toBe('ERR_OCCLUM_MOUNT');
    }
    await checkMount(at, marker, { signKey, imageKeyFile: file }, '/dev/null');
  });
});

const mayMount =
  process.getuid?.() === 0 && existsSync('/dev/fuse') && spawnSync('unshare', ['--mount', 'true']).status === 0;

describe.skipIf(!requireOrSkip(mayMount, 'the right to mount (root) and /dev/fuse'))(
  'an image (needs root, /dev/fuse)',
  () => {
    const system = madeOnce(mountable);

    test('is mounted until it is unmounted, and nothing else uses the instance meanwhile', async () => {
      const { instance, at, signKey, folder } = system();
      const mounted = await instance.mount(at, { signKey });
      expect(statSync(at).dev).not.toBe(statSync(folder).dev);
      expect(JSON.parse(readFileSync(join(instance.dir, 'mount.arguments'), 'utf8'))).toEqual([
        '--sign-key',
        signKey,
        at,
      ]);
      expect((await thrownBy(() => instance.run('/bin/sh'))).code).toBe('ERR_OCCLUM_LOCKED');
      await mounted.unmount();
      await mounted.exited;
      expect(statSync(at).dev).toBe(statSync(folder).dev);
      expect(processesWith(instance.dir)).toEqual([]);
      expect((await (await instance.run('/bin/sh')).exited).code).toBe(0);
    });

    test('whose tool does not listen is unmounted by force', async () => {
      const { instance, at, signKey, folder, fake } = system();
      fake.behave({ mount: 'deaf' });
      const mounted = await instance.mount(at, { signKey });
      writeFileSync(join(at, 'busy'), '');
      await mounted.unmount({ graceMs: 100 });
      expect(statSync(at).dev).toBe(statSync(folder).dev);
      await instance.build({ signKey });
    });

    test('whose tool ends at once is told with what it said', async () => {
      const { instance, at, signKey, fake } = system();
      fake.behave({ mount: 'fail' });
      const error = await thrownBy(() => instance.mount(at, { signKey }));
      expect([error.code, error.message]).toEqual(['ERR_OCCLUM_MOUNT', expect.stringContaining('mount point')]);
      expect((await (await instance.run('/bin/sh')).exited).code).toBe(0);
    });
  },
);
