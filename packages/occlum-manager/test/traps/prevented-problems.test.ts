import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, test } from 'vitest';
import {
  checkImage,
  generateImageKey,
  ImageWriter,
  libraryClosure,
  occlumConfig,
  parseOcclumConfig,
  presets,
} from '../../src/index.ts';
import { cleanEnvironment } from '../../src/process/clean-environment.ts';
import { madeOnce } from '../support/made-once.ts';
import { builtInstance, scriptInstance } from '../support/script-instance.ts';
import { tempFolder } from '../support/temp-folder.ts';

/*
 * Occlum contract §7: what users of Occlum ran into and this package prevents, each named after the number.
 * What it detects or explains is in explained-problems.test.ts; docs/occlum-traps.md is the whole table.
 */
const good = occlumConfig({ preset: 'native' });

function limits(change: Partial<typeof good.resource_limits>) {
  return { ...good, resource_limits: { ...good.resource_limits, ...change } };
}

describe('prevented: refused before an enclave is made', () => {
  test('§7 #220: Node has a preset with figures, and their origin', () => {
    expect(occlumConfig({ preset: 'node' }).resource_limits.max_num_of_threads).toBe(64);
    for (const { origin } of Object.values(presets)) expect(origin).not.toBe('');
  });

  test('§7 #1346: a program that is not PIE, or has a bad shebang, is refused before build', async () => {
    const { instance, signKey } = await scriptInstance();
    const bytes = readFileSync('/bin/sh');
    bytes.writeUInt16LE(2, 16);
    writeFileSync(join(instance.imageDir, 'bin/fixed'), bytes, { mode: 0o755 });
    writeFileSync(join(instance.imageDir, 'bin/env'), '#!/usr/bin/env node\n', { mode: 0o755 });
    const error = await thrownBy(() => instance.build({ signKey }));
    expect(error.code).toBe('ERR_OCCLUM_IMAGE');
    const { findings } = error.details as { findings: { path: string; kind: string }[] };
    const kinds = findings.map(({ path, kind }) => `${path} ${kind}`);
    expect(kinds).toEqual(expect.arrayContaining(['/bin/fixed not-pie', '/bin/env shebang']));
  });

  const system = madeOnce((folder) => builtInstance({ hello: 'echo "hello $GREETING"' }, folder));

  test.each([
    ['§7 #397: a program with a relative path', 'bin/hello'],
    ['§7 #1335: a program of the host, outside the entry points', '/usr/bin/node'],
    ['§7 #1698: a shell that is not in the image', '/bin/bash'],
  ])('%s is refused', async (_, program) => {
    const error = await thrownBy(() => system().instance.run(program));
    expect(error.code).toBe('ERR_INVALID_ARGUMENT');
  });

  test('§7 #1698: what is in the folder instead is told', async () => {
    const error = await thrownBy(() => system().instance.run('/bin/bash'));
    expect(error).toMatchObject({ actual: expect.stringMatching(/in \/bin: hello, sh/) });
  });

  test('§7 #1335: an entry point that is not in the image is refused before build', async () => {
    const findings = await checkImage(tempFolder(), { entryPoints: ['/usr/bin/node'], requirePie: true });
    expect(findings.map(({ kind }) => kind)).toEqual(['entry-point']);
  });

  test('§7 #1569: a misspelt key, a mistyped mount and what else ends in SIGILL are refused', async () => {
    for (const value of [
      { ...good, entry_points: ['bin'] },
      { ...good, mounts: [] },
      { ...good, mount: [...good.mount, { type: 'ramf', target: '/tmp' }] },
      { ...good, env: { ...good.env, default: { OCCLUM: 'yes' } } },
    ]) {
      expect((await thrownBy(() => parseOcclumConfig(value))).code).toBe('ERR_OCCLUM_CONFIG');
    }
  });

  test('§7 #1579: an encrypted image without a way to its key is not built', async () => {
    const { instance, folder, signKey } = await scriptInstance();
    const file = join(folder, 'image.key');
    await generateImageKey(file);
    for (const delivery of ['init-ra', 'allow-built-in'] as const) {
      const error = await thrownBy(() => instance.build({ signKey, imageKey: { file, delivery } }));
      expect(error.code).toBe('ERR_OCCLUM_IMAGE');
    }
  });

  test('§7 #1385: a LibOS stack that does not load is refused', async () => {
    expect((await thrownBy(() => parseOcclumConfig(limits({ kernel_space_stack_size: '16MB' })))).code).toBe(
      'ERR_OCCLUM_CONFIG',
    );
    expect(parseOcclumConfig(limits({ kernel_space_stack_size: '8MB' }))).toBeDefined();
  });

  test('§7 #1368: a variable that would not arrive is refused, one that is let in arrives', async () => {
    const { instance } = system();
    expect((await thrownBy(() => instance.run('/bin/hello', [], { env: { SECRET: 'x' } }))).code).toBe(
      'ERR_INVALID_ARGUMENT',
    );
    const report = await (await instance.run('/bin/hello', [], { env: { GREETING: 'ahoy' } })).exited;
    expect(report.stdoutTail).toBe('hello ahoy\n');
  });

  test('§7 #249: an Occlum.json edited after the build, which would start it debuggable, does not run', async () => {
    const { instance } = system();
    const file = join(instance.dir, 'Occlum.json');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"debuggable": false', '"debuggable": true'));
    expect((await thrownBy(() => instance.run('/bin/hello'))).code).toBe('ERR_OCCLUM_NOT_BUILT');
    writeFileSync(file, text);
    expect((await (await instance.run('/bin/hello')).exited).code).toBe(0);
  });

  test('§7 #1296: an instance built for one mode is not run in the other', async () => {
    const { instance } = system();
    const file = join(instance.dir, '.sgx_mode');
    writeFileSync(file, 'HW\n');
    expect((await thrownBy(() => instance.run('/bin/hello'))).code).toBe('ERR_OCCLUM_NOT_BUILT');
    writeFileSync(file, 'SIM\n');
    expect(await instance.isBuilt()).toBe(true);
  });

  test('§7 #547: the encrypted file system is opened once at a time', async () => {
    const { instance, manager } = system();
    const others = await Promise.allSettled([
      instance.run('/bin/hello'),
      (await manager.openInstance(instance.dir)).run('/bin/hello'),
    ]);
    const refused = others.filter((one) => one.status === 'rejected').map(({ reason }) => reason.code);
    expect(refused).toEqual(['ERR_OCCLUM_LOCKED']);
    for (const one of others) if (one.status === 'fulfilled') await one.value.exited;
  });

  test('§7 #609: programs of a server are counted, for it has to be started anew at times', async () => {
    const { manager, instance } = system();
    const fresh = await manager.openInstance(instance.dir);
    expect(fresh.execs).toBe(0);
    await (await fresh.exec('/bin/hello')).exited;
    expect(fresh.execs).toBe(1);
  });

  test('§7 #948: LD_PRELOAD does not reach the tool', () => {
    expect(cleanEnvironment({ LD_PRELOAD: '/usr/lib/libstdbuf.so', HOME: '/root' })).toEqual({ HOME: '/root' });
  });

  test('§7 #495: a mount target that is not in the image is found', async () => {
    const root = tempFolder();
    mkdirSync(join(root, 'bin'));
    const demands = { entryPoints: ['/bin'], requirePie: true, mountTargets: ['/data'] };
    expect((await checkImage(root, demands)).map(({ kind }) => kind)).toEqual(['mount-target']);
  });

  test('§7 #975: a library that is missing in the image is named, with who needs it', async () => {
    const root = tempFolder();
    const writer = await ImageWriter.open(root);
    await writer.file('/bin/sh', '/bin/sh');
    const { missing } = libraryClosure('/bin/sh', { root });
    expect(missing).toContainEqual({ name: 'libc.so.6', neededBy: '/bin/sh' });
    expect((await checkImage(root, { entryPoints: ['/bin'], requirePie: true })).map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['interpreter', 'library']),
    );
  });

  test('§7 #944: a new image has fixed dates, so that they do not make another measurement', async () => {
    const { instance, signKey } = await scriptInstance();
    await instance.build({
      signKey,
      fillImage: async (root) => {
        mkdirSync(join(root, 'bin'));
        writeFileSync(join(root, 'bin/sh'), '#!/bin/sh\n', { mode: 0o755 });
        utimesSync(join(root, 'bin/sh'), 1e9, 1e9);
      },
    });
    for (const path of ['', 'bin', 'bin/sh']) {
      expect(statSync(join(instance.imageDir, path)).mtime.toISOString()).toBe('2000-01-01T00:00:00.000Z');
    }
  });

  test('§7 #994: a package tells which files of the installation it needs', async () => {
    const { needs } = await system().instance.package({ allowSimulation: true });
    expect(needs).toEqual(['/opt/occlum/build/bin/occlum-run']);
  });

  test('§7 #1423: a mount point that is not absolute, not there or not empty is refused', async () => {
    const { instance, signKey, folder } = system();
    for (const at of ['mount', join(folder, 'nowhere'), instance.dir]) {
      expect((await thrownBy(() => instance.mount(at, { signKey }))).code).toBe('ERR_OCCLUM_MOUNT');
    }
  });
});
