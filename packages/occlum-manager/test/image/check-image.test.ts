import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveInImage } from '../../src/image/image-path.ts';
import { checkImage, ImageWriter, imageTime, normaliseTimes, walkImage } from '../../src/index.ts';
import { imageWith } from '../support/image-with.ts';
import { tempFolder } from '../support/temp-folder.ts';

function put(root: string, path: string, text: string, mode = 0o755): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), mode);
}

const demands = { entryPoints: ['/bin'], requirePie: false };

test('a program with all it needs passes', async () => {
  expect(await checkImage(await imageWith('/bin/sh'), { ...demands, requirePie: true })).toEqual([]);
});

test('what a program or the LibOS would miss is found', async () => {
  const root = tempFolder();
  put(root, '/bin/env', '#!/usr/bin/env node\n');
  put(root, '/bin/absent', '#!/bin/bash\n');
  put(root, '/bin/relative', '#!node\n');
  put(root, '/bin/text', '#!/bin/absent but not executable\n', 0o644);
  put(root, '/bin/broken', '\x7fELF then nothing');
  put(root, '/etc/a;b', '', 0o644);
  const findings = await checkImage(root, { ...demands, entryPoints: ['/bin', '/usr/bin/x'], mountTargets: ['/data'] });
  expect(new Set(findings.map(({ path, kind }) => `${kind} ${path}`))).toEqual(
    new Set([
      'elf /bin/broken',
      'entry-point /usr/bin/x',
      'mount-target /data',
      'name /etc/a;b',
      'shebang /bin/absent',
      'shebang /bin/env',
      'shebang /bin/relative',
    ]),
  );
});

test('what is wrong with a program that is no entry point is a warning', async () => {
  const root = tempFolder();
  put(root, '/lib/tool.py', '#!/usr/bin/env python3\n');
  put(root, '/bin/tool.py', '#!/usr/bin/env python3\n');
  const findings = await checkImage(root, demands);
  expect(findings.map(({ path, severity }) => `${path} ${severity}`)).toEqual([
    '/bin/tool.py error',
    '/lib/tool.py warning',
  ]);
});

test('a missing interpreter and missing libraries are found', async () => {
  const root = tempFolder();
  const writer = await ImageWriter.open(root);
  await writer.file('/bin/sh', '/bin/sh');
  const findings = await checkImage(root, demands);
  expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(['interpreter', 'library']));
});

test('links are followed as they are inside the image, not on the host', () => {
  const root = tempFolder();
  put(root, '/usr/bin/tool', '');
  symlinkSync('/usr/bin', join(root, 'bin'));
  symlinkSync('/etc/hostname', join(root, 'usr/name'));
  symlinkSync('loop', join(root, 'loop'));
  symlinkSync('../../../../usr/bin', join(root, 'usr/up'));
  expect(resolveInImage(root, '/bin/tool')).toBe(join(root, 'usr/bin/tool'));
  expect(resolveInImage(root, '/usr/up/tool')).toBe(join(root, 'usr/bin/tool'));
  expect(resolveInImage(root, '/usr/name')).toBeNull();
  expect(resolveInImage(root, '/loop')).toBeNull();
});

test('times become the same, whatever they were', async () => {
  const root = tempFolder();
  put(root, '/a/b', 'x');
  symlinkSync('b', join(root, 'a/l'));
  utimesSync(join(root, 'a/b'), 1e9, 1e9);
  await normaliseTimes(root);
  const { statSync, lstatSync } = await import('node:fs');
  for (const path of ['', 'a', 'a/b']) expect(statSync(join(root, path)).mtime).toEqual(imageTime);
  expect(lstatSync(join(root, 'a/l')).mtime).toEqual(imageTime);
  expect((await walkImage(root)).map(({ path, type }) => `${type} ${path}`)).toEqual([
    'folder /a',
    'file /a/b',
    'link /a/l',
  ]);
});
