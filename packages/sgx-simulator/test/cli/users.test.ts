import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireOrSkip } from '@neo-service-layer/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { canRunAs, SimWorld, userNamespacesWork } from '../support/sim.ts';

const rooted = requireOrSkip(userNamespacesWork(), 'user namespaces');
const nobody = 65_534;
let world: SimWorld | undefined;

afterEach(() => world?.remove());

describe.skipIf(!rooted)('the writable layer', () => {
  const users = canRunAs(nobody) ? [undefined, nobody] : [undefined];

  test.each(users)('survives removed files, closed folders and a rebuild, as user %s', async (uid) => {
    world = new SimWorld(uid);
    const root = await world.instance('layers');
    // The files of the instance belong to the user who builds it.
    if (uid !== undefined) spawnSync('chown', ['-R', `${uid}:${uid}`, root]);
    expect((await world.sim(root, ['build'])).code).toBe(0);
    const run = (script: string) => world?.sim(root, ['run', '/bin/sh', '-c', script]);
    const script = 'umask 777; : > /root/closed; umask 022; echo x > /etc/hosts; exit 0';
    expect((await run(script))?.code).toBe(0);
    expect((await run('exit 0'))?.code).toBe(0);
    expect(readdirSync(join(root, 'run/mount'))).toEqual(['__ROOT']);
    expect((await world.sim(root, ['build'])).code).toBe(0);
    expect((await run('exit 6'))?.code).toBe(6);
  });

  test('cannot lead occlum-sim to files of the host', async () => {
    world = new SimWorld();
    const root = await world.builtInstance('links');
    const victim = join(world.folder, 'victim');
    writeFileSync(victim, 'precious');
    const upper = join(root, 'run/mount/__ROOT');
    // As a program could leave it.
    expect((await world.sim(root, ['run', '/bin/sh', '-c', 'exit 0'])).code).toBe(0);
    const hosts = join(upper, 'etc/hosts');
    spawnSync('rm', ['-f', hosts]);
    symlinkSync(victim, hosts);
    expect((await world.sim(root, ['run', '/bin/sh', '-c', 'exit 0'])).code).toBe(0);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(lstatSync(hosts).isFile()).toBe(true);
    spawnSync('rm', ['-rf', join(upper, 'etc')]);
    symlinkSync(world.folder, join(upper, 'etc'));
    await world.sim(root, ['run', '/bin/sh', '-c', 'exit 0']);
    expect(existsSync(join(world.folder, 'hosts'))).toBe(false);
  });
});

describe.skipIf(!rooted)('without user namespaces', () => {
  test('run and start say how to enable them and name --no-rootfs, which works', async () => {
    world = new SimWorld();
    const root = await world.builtInstance('denied');
    const bin = fileURLToPath(new URL('../../bin/occlum-sim.js', import.meta.url));
    // A user namespace in which no other can be made.
    const denied = (...words: string[]) =>
      spawnSync(
        'unshare',
        [
          ...['--user', '--map-root-user', 'sh', '-c'],
          ...['echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"', 'sh', process.execPath, bin, ...words],
        ],
        { cwd: root, env: world?.env ?? {}, encoding: 'utf8' },
      );
    for (const words of [['run', '/bin/sh'], ['start']]) {
      const result = denied(...words);
      expect(result.status).toBe(1);
      expect(result.stderr).toContain('user.max_user_namespaces');
      expect(result.stderr).toContain('--no-rootfs');
    }
    expect(denied('run', '--no-rootfs', '/bin/sh', '-c', 'exit 9').status).toBe(9);
    expect(readdirSync(world.folder).filter((name) => name.startsWith('occlum-sim-'))).toEqual([]);
  });
});

describe.skipIf(!rooted)('an instance on an overlay, as in a container without a volume', () => {
  test('is not run rooted, with the reason; nor silently without: that is for the user to say', async () => {
    world = new SimWorld();
    const root = await world.builtInstance('stacked');
    const bin = fileURLToPath(new URL('../../bin/occlum-sim.js', import.meta.url));
    const layers = ['upper', 'work', 'merged'].map((name) => join(world?.folder ?? '', name));
    for (const folder of layers) mkdirSync(folder);
    const mount = `mount -t overlay overlay -o "userxattr,lowerdir=${root},upperdir=$1,workdir=$2" "$3"`;
    const onOverlay = (...words: string[]) =>
      spawnSync(
        'unshare',
        [
          ...['--user', '--map-root-user', '--mount', 'sh', '-c', `${mount} && cd "$3" && shift 3 && exec "$@"`, 'sh'],
          ...[...layers, process.execPath, bin, ...words],
        ],
        { env: world?.env ?? {}, encoding: 'utf8' },
      );
    const result = onOverlay('run', '/bin/sh', '-c', 'exit 0');
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('lies on an overlay file system, which cannot be stacked');
    expect(result.stderr).toContain('--no-rootfs');
    expect(onOverlay('run', '--no-rootfs', '/bin/sh', '-c', 'exit 9').status).toBe(9);
  });
});

describe('a simulated machine', () => {
  test('made by several processes at once is one machine', async () => {
    world = new SimWorld();
    const roots = await Promise.all(['a', 'b', 'c'].map((name) => world?.builtInstance(name)));
    const { folder } = world;
    const results = await Promise.all(roots.map((root) => world?.sim(root ?? '', ['run', '--no-rootfs', '/bin/env'])));
    expect(results.map((result) => result?.code)).toEqual([0, 0, 0]);
    expect(readdirSync(folder).filter((name) => name.includes('platform'))).toEqual(['platform']);
  });
});
