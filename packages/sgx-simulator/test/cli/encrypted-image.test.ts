import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireOrSkip } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTime } from '../../src/process/is-alive.ts';
import { SimWorld, userNamespacesWork } from '../support/sim.ts';

const rooted = requireOrSkip(userNamespacesWork(), 'user namespaces');
const secret = 'the recipe of the sauce';
let world: SimWorld;
let key: string;

beforeAll(async () => {
  world = new SimWorld();
  key = join(world.folder, 'image.key');
  await world.sim(world.folder, ['gen-image-key', key]);
});
afterAll(() => world.remove());

async function encrypted(name: string, ...words: string[]): Promise<string> {
  const root = await world.instance(name);
  mkdirSync(join(root, 'image/secrets'));
  writeFileSync(join(root, 'image/secrets/sauce.txt'), secret);
  const built = await world.sim(root, ['build', '-f', '--image-key', key, ...words]);
  expect(built.code).toBe(0);
  expect(built.stdout).toContain(`Image encryption key: ${key}\n`);
  return root;
}

const everything = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
const read = ['/bin/cat', '/secrets/sauce.txt'];

describe('an image built with a key', () => {
  test('is nowhere in clear, neither names nor contents', async () => {
    const root = await encrypted('closed');
    expect(readFileSync(join(root, 'build/image_config.json'), 'utf8')).toBe('{"image_type": "encrypted"}\n');
    expect(everything(join(root, 'build')).filter((text) => text.includes(secret))).toEqual([]);
    expect(everything(join(root, 'build')).filter((text) => text.includes('sauce'))).toEqual([]);
    expect(readdirSync(join(root, 'build/mount/__ROOT'))).toContain('metadata');
    expect(readFileSync(join(root, 'build/mount/.ROOT_MAC'), 'utf8')).toMatch(/^([0-9a-f]{2}-){15}[0-9a-f]{2}$/);
  });

  test('cannot be run without the key: init exits with 1 (issue 1579)', async () => {
    const root = await encrypted('keyless');
    for (const words of [
      ['run', '--no-rootfs', ...read],
      ['start', '--no-rootfs'],
    ]) {
      const result = await world.sim(root, words);
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toContain('Error: Os { code: 2, kind: NotFound, message: "No such file or directory" }\n');
      expect(result.stderr).toContain('[ERROR] occlum-pal: The init process exit with code: 1');
    }
  });

  test.each([...(rooted ? [{ mode: 'rooted', flags: [] }] : []), { mode: 'un-rooted', flags: ['--no-rootfs'] }])(
    'runs with a built-in key, which lies in clear in the initfs, $mode',
    async ({ flags }) => {
      const root = await encrypted(`open${flags.length}`, '--buildin-image-key');
      expect(readFileSync(join(root, 'build/initfs/__ROOT/etc/image_key'), 'utf8')).toBe(readFileSync(key, 'utf8'));
      expect(await world.sim(root, ['run', ...flags, ...read])).toMatchObject({ code: 0, stdout: secret, stderr: '' });
      expect((await world.sim(root, ['start', ...flags])).code).toBe(0);
      expect(await world.sim(root, ['exec', ...read])).toMatchObject({ code: 0, stdout: secret });
      expect((await world.sim(root, ['stop'])).code).toBe(0);
      // What was decrypted is gone.
      const names = ['/dev/shm', world.folder].filter(existsSync).flatMap((folder) => readdirSync(folder));
      const owners = names
        .map((name) => /^occlum-sim-(\d+)-(\d+)-/.exec(name) ?? [])
        .filter((match) => match.length > 0);
      expect(owners.filter(([, pid, started]) => startTime(Number(pid)) !== started)).toEqual([]);
    },
  );

  test('gets its key with init-RA from the service, which is asked and not read', async () => {
    const root = await encrypted('attested');
    writeFileSync(join(root, 'init_ra_conf.json'), '{}');
    expect((await world.sim(root, ['build', '-f', '--image-key', key])).code).toBe(0);
    const run = (env: Record<string, string>) => world.sim(root, ['run', '--no-rootfs', ...read], env);
    expect((await run({})).code).toBe(1);
    expect(await run({ OCCLUM_SIM_IMAGE_KEY: key })).toMatchObject({ code: 0, stdout: secret });
    const wrong = join(world.folder, 'wrong.key');
    await world.sim(world.folder, ['gen-image-key', wrong]);
    const result = await run({ OCCLUM_SIM_IMAGE_KEY: wrong });
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain('Error: Os { code: 13');
  });

  test('is refused when any byte of it was changed, before anything is decrypted', async () => {
    const root = await encrypted('changed', '--buildin-image-key');
    appendFileSync(join(root, 'build/mount/__ROOT/metadata'), 'x');
    const result = await world.sim(root, ['run', '--no-rootfs', ...read]);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain('0x2000');
  });

  test('has the same MRENCLAVE with the same key, and another with another', async () => {
    const mrEnclave = async (root: string) => (await world.sim(root, ['print', 'mrenclave'])).stdout;
    const [one, two] = [await mrEnclave(await encrypted('same1')), await mrEnclave(await encrypted('same2'))];
    expect(two).toBe(one);
    const root = join(world.folder, 'same2');
    const other = join(world.folder, 'other.key');
    await world.sim(world.folder, ['gen-image-key', other]);
    await world.sim(root, ['build', '-f', '--image-key', other]);
    expect(await mrEnclave(root)).not.toBe(one);
  });

  test('is not built with a key that is none', async () => {
    const root = await world.instance('no-key');
    const file = join(world.folder, 'none.key');
    writeFileSync(file, 'secret?');
    const result = await world.sim(root, ['build', '-f', '--image-key', file]);
    expect(result.code).toBe(2);
    expect(result.stdout + result.stderr).not.toContain('secret?');
  });
});
