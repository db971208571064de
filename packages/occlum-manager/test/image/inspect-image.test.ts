import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { expect, test } from 'vitest';
import { inspectImage } from '../../src/index.ts';
import { imageWith } from '../support/image-with.ts';
import { tempFolder } from '../support/temp-folder.ts';

test('an image is listed with sizes, hashes and what decides how its programs are loaded', async () => {
  const root = await imageWith('/bin/sh');
  writeFileSync(join(root, 'etc'), 'text', { mode: 0o644 });
  symlinkSync('bin/program', join(root, 'link'));
  writeFileSync(join(root, 'broken'), '\x7fELF and no more');
  const { entries, files, bytes } = await inspectImage(root);
  const at = (path: string) => entries.find((entry) => entry.path === path);
  const shell = readFileSync('/bin/sh');
  expect(at('/bin/program')).toMatchObject({
    type: 'file',
    mode: 0o755,
    size: shell.length,
    sha256: createHash('sha256').update(shell).digest('hex'),
    elf: { type: 'dyn', interpreter: '/lib64/ld-linux-x86-64.so.2', needed: ['libc.so.6'] },
  });
  expect(at('/etc')).toMatchObject({ type: 'file', mode: 0o644, size: 4, elf: null });
  expect(at('/link')).toMatchObject({ type: 'link', target: 'bin/program', sha256: null, elf: null });
  expect(at('/bin')).toMatchObject({ type: 'folder', size: 0, sha256: null });
  expect(at('/broken')?.elf).toBe('broken');
  const listed = entries.filter(({ type }) => type === 'file');
  expect([files, bytes]).toEqual([listed.length, listed.reduce((sum, { size }) => sum + size, 0)]);
});

test('an empty image has nothing in it; a folder that is not there cannot be listed', async () => {
  const root = tempFolder();
  expect(await inspectImage(root)).toEqual({ entries: [], files: 0, bytes: 0 });
  mkdirSync(join(root, 'a'));
  expect((await inspectImage(root)).files).toBe(0);
  expect((await thrownBy(() => inspectImage(join(root, 'nowhere')))).code).toBe('ENOENT');
});
