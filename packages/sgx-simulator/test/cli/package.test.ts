import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newSigningKey } from '../support/signing.ts';
import { SimWorld } from '../support/sim.ts';

let world: SimWorld;
let instance: string;

beforeAll(async () => {
  world = new SimWorld();
  instance = await world.builtInstance('packed', undefined, ['--sgx-mode', 'SIM']);
});
afterAll(() => world.remove());

describe('package', () => {
  test('holds what runs elsewhere, under a folder of its name, and not what programs wrote', async () => {
    writeFileSync(join(instance, 'run/mount/__ROOT/data'), 'of a program');
    const result = await world.sim(instance, ['package', '--debug', 'app.tar.gz']);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain('app/build/lib/libocclum-libos.signed.so\n');
    expect(result.stdout.endsWith('The package app.tar.gz is generated successfully\n')).toBe(true);
    const target = join(world.folder, 'target');
    mkdirSync(target);
    expect(spawnSync('tar', ['-xzf', join(instance, 'app.tar.gz')], { cwd: target }).status).toBe(0);
    const unpacked = join(target, 'app');
    expect(existsSync(join(unpacked, 'run/mount/__ROOT/data'))).toBe(false);
    expect(existsSync(join(unpacked, 'image'))).toBe(false);
    expect(await world.sim(unpacked, ['run', '--no-rootfs', '/bin/sh', '-c', 'echo there'])).toMatchObject({
      code: 0,
      stdout: 'there\n',
    });
    const mrEnclave = async (root: string) => (await world.sim(root, ['print', 'mrenclave'])).stdout;
    expect(await mrEnclave(unpacked)).toBe(await mrEnclave(instance));
  });

  test('without --debug refuses a debuggable instance, and one of simulation mode', async () => {
    const refused = await world.sim(instance, ['package', 'app']);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toMatch(/^Warning: current Occlum instance is configured as "debuggable"\./);
    const root = await world.instance('release', (config) => ({
      ...config,
      metadata: { ...config.metadata, debuggable: false },
    }));
    const key = join(world.folder, 'key.pem');
    writeFileSync(key, newSigningKey().export({ type: 'pkcs8', format: 'pem' }));
    await world.sim(root, ['build', '--sign-key', key, '--sgx-mode', 'SIM']);
    const simulated = await world.sim(root, ['package']);
    expect(simulated.code).toBe(1);
    expect(simulated.stdout).toMatch(/^"occlum package" command should only be used .*not the simulation mode\./);
    await world.sim(root, ['build', '--sign-key', key, '--sgx-mode', 'HW']);
    expect((await world.sim(root, ['package'])).code).toBe(0);
    expect(existsSync(join(root, 'occlum_instance.tar.gz'))).toBe(true);
  });
});

describe('mount', () => {
  test('checks its words, and answers as where there is no FUSE', async () => {
    const folder = join(world.folder, 'mountpoint');
    mkdirSync(folder);
    for (const [words, stderr] of [
      [['--sign-key', '/no/key', folder], 'Error: invalid signing key path: /no/key\n'],
      [['--image-key', '/no/key', folder], 'Error: invalid secure image key path: /no/key\n'],
      [['/no/folder'], 'Error: invalid mount point: /no/folder\n'],
      [[], 'Error: invalid mount point: \n'],
    ] as const) {
      expect(await world.sim(instance, ['mount', ...words])).toMatchObject({ code: 1, stderr });
    }
    expect((await world.sim(instance, ['mount', folder])).stderr).toMatch(/^fuse: device not found/);
  });
});

describe('gdb', () => {
  test('is not there, and leaves the status at debugging', async () => {
    expect(await world.sim(instance, ['gdb', '/bin/sh'])).toMatchObject({ code: 127, stdout: '' });
    expect(readFileSync(join(instance, '.__occlum_status'), 'utf8')).toBe('debugging\n');
  });
});

describe('--init-ra', () => {
  test.each([
    ['grpc_ratls', 'localhost:50051'],
    ['aecs', 'localhost:19527'],
  ])('%s gives the instance a configuration that every build puts into the initfs', async (kind, server) => {
    expect((await world.sim(world.folder, ['new', `ra-${kind}`, '--init-ra', kind])).code).toBe(0);
    const root = join(world.folder, `ra-${kind}`);
    const text = readFileSync(join(root, 'init_ra_conf.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ kms_server: server });
    expect((await world.sim(root, ['build'])).code).toBe(0);
    expect(readFileSync(join(root, 'build/initfs/__ROOT/etc/init_ra_conf.json'), 'utf8')).toBe(text);
    const before = (await world.sim(root, ['print', 'mrenclave'])).stdout;
    writeFileSync(join(root, 'init_ra_conf.json'), text.replace('localhost', 'elsewhere'));
    expect((await world.sim(root, ['build'])).code).toBe(0);
    expect((await world.sim(root, ['print', 'mrenclave'])).stdout).not.toBe(before);
  });

  test('of an unknown kind is the plain init without a word, and an empty one an error', async () => {
    expect((await world.sim(world.folder, ['new', 'ra-none', '--init-ra', 'whatever'])).code).toBe(0);
    expect(existsSync(join(world.folder, 'ra-none/init_ra_conf.json'))).toBe(false);
    expect(await world.sim(world.folder, ['new', 'ra-empty', '--init-ra'])).toMatchObject({
      code: 1,
      stderr: 'Error: Empty init-ra option provided\n',
    });
  });
});
