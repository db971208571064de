import { lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { copyInstance } from '../../src/relay/instance-copy.ts';

let folder: string;
let [from, to] = ['', ''];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'instance-copy-'));
  [from, to] = [join(folder, 'a.inst'), join(folder, 'copies', '2.inst')];
  for (const part of ['build/lib', 'run/mount', 'image', '.manager/lock'])
    await mkdir(join(from, part), { recursive: true });
  await writeFile(join(from, 'Occlum.json'), '{}');
  await writeFile(join(from, 'build', 'manager.json'), 'build 1');
  await symlink('/opt/occlum/lib', join(from, 'build', 'lib', 'link'));
});
afterEach(() => rm(folder, { recursive: true }));

it('has the build and what a run needs, links as they are, but neither image nor lock', async () => {
  expect(await copyInstance(from, to)).toBe(true);
  expect(await readFile(join(to, 'Occlum.json'), 'utf8')).toBe('{}');
  expect((await lstat(join(to, 'build', 'lib', 'link'))).isSymbolicLink()).toBe(true);
  for (const part of ['image', '.manager']) await expect(lstat(join(to, part))).rejects.toThrow('ENOENT');
});

it('is copied again only for another build', async () => {
  await copyInstance(from, to);
  await writeFile(join(to, 'mark'), '');
  expect(await copyInstance(from, to)).toBe(false);
  await lstat(join(to, 'mark'));
  await writeFile(join(from, 'build', 'manager.json'), 'build 2');
  expect(await copyInstance(from, to)).toBe(true);
  await expect(lstat(join(to, 'mark'))).rejects.toThrow('ENOENT');
});

it('is none of what was not built', async () => {
  await rm(join(from, 'build', 'manager.json'));
  expect((await thrownBy(() => copyInstance(from, to))).code).toBe('ERR_OCCLUM_NOT_BUILT');
});
