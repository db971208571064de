import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyBom, libraryClosure, OcclumManager, programFiles } from '../../src/index.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** An installation of Occlum with a C library of its own, made of this machine's. */
function installation(): { root: string; loader: string; libc: string } {
  const root = tempFolder();
  const library = join(root, 'glibc/lib');
  mkdirSync(library, { recursive: true });
  mkdirSync(join(root, 'build/bin'), { recursive: true });
  writeFileSync(join(root, 'build/bin/occlum'), '#!/bin/bash\n', { mode: 0o755 });
  const { interpreter, libraries } = libraryClosure('/bin/sh');
  const loader = join(library, 'ld-linux-x86-64.so.2');
  copyFileSync(interpreter ?? '', loader);
  const libc = join(library, 'libc.so.6');
  copyFileSync(libraries.find((path) => path.endsWith('/libc.so.6')) ?? '', libc);
  chmodSync(libc, 0o755);
  return { root, loader, libc };
}

test('an installation’s own loader and C library take the place of the host’s', async () => {
  const { root, loader, libc } = installation();
  const manager = await OcclumManager.locate({ simulation: false, occlumPath: root });
  expect(manager.programLoader).toBe(loader);
  const files = programFiles('/bin/sh', '/bin/sh', { loader });
  expect(files).toEqual([
    { destination: '/bin/sh', source: '/bin/sh' },
    { destination: '/lib64/ld-linux-x86-64.so.2', source: loader },
    { destination: libc, source: libc },
  ]);
});

test('a bom is carried out with it', async () => {
  const { root, loader, libc } = installation();
  const image = join(root, 'image');
  writeFileSync(join(root, 'bom.yaml'), 'targets: [{ target: /bin, copy: [{ files: [/bin/sh] }] }]');
  await copyBom(join(root, 'bom.yaml'), { root: image, loader });
  expect(Buffer.compare(readFileSync(join(image, libc)), readFileSync(libc))).toBe(0);
});

test('occlum-sim has none: programs take the host’s', async () => {
  const manager = await OcclumManager.locate({ simulation: true });
  expect(manager.programLoader).toBeUndefined();
});
