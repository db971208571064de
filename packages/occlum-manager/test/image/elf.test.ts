import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loaderDirectories } from '../../src/image/library-search.ts';
import { type ByteSource, libraryClosure, parseElf, programFiles, readElf } from '../../src/index.ts';
import { tempFolder } from '../support/temp-folder.ts';

function sourceOf(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

describe('an ELF file', () => {
  test('of this machine is read: type, interpreter and libraries', () => {
    const shell = readElf('/bin/sh');
    expect(shell).toMatchObject({ type: 'dyn', machine: 62, interpreter: '/lib64/ld-linux-x86-64.so.2' });
    expect(shell?.needed).toContain('libc.so.6');
    expect(readElf(process.execPath)?.interpreter).toBe('/lib64/ld-linux-x86-64.so.2');
    expect(readElf('/lib64/ld-linux-x86-64.so.2')).toMatchObject({ interpreter: null, type: 'dyn', needed: [] });
  });

  test('is told from other files', () => {
    const file = join(tempFolder(), 'script');
    writeFileSync(file, '#!/bin/sh\n');
    expect(readElf(file)).toBeNull();
    writeFileSync(file, '');
    expect(readElf(file)).toBeNull();
  });

  test('that is cut off or changed anywhere in its headers is refused or read, never more', () => {
    const whole = readFileSync('/bin/sh');
    const survives = (bytes: Uint8Array): boolean => {
      try {
        parseElf(sourceOf(bytes));
        return true;
      } catch (error) {
        return (error as { code?: string }).code === 'ERR_OCCLUM_ELF';
      }
    };
    fc.assert(fc.property(fc.nat(4096), (length) => survives(whole.subarray(0, length))));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1023), fc.nat(255)), { minLength: 1, maxLength: 8 }), (changes) => {
        const bytes = Uint8Array.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        return survives(bytes);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (rest) => {
        const bytes = new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, ...rest]);
        return survives(bytes);
      }),
    );
  });

  test('of another class is refused', async () => {
    const bytes = Uint8Array.from(readFileSync('/bin/sh').subarray(0, 4096));
    bytes[4] = 1;
    expect((await thrownBy(() => parseElf(sourceOf(bytes)))).code).toBe('ERR_OCCLUM_ELF');
  });
});

describe('the libraries of a program', () => {
  test('are found with those that they need, as the loader itself finds them', () => {
    const { libraries, missing, interpreter } = libraryClosure(process.execPath);
    expect(missing).toEqual([]);
    expect(interpreter).toBe('/lib64/ld-linux-x86-64.so.2');
    expect(libraries.map((path) => path.slice(path.lastIndexOf('/') + 1))).toEqual(
      expect.arrayContaining(['libc.so.6', 'libstdc++.so.6', 'libm.so.6']),
    );
  });

  test('issue 975: one that is missing is named, with who needs it', () => {
    const root = tempFolder();
    const { missing } = libraryClosure('/bin/sh', { root: copied(root, '/bin/sh'), directories: [] });
    expect(missing).toEqual([{ name: 'libc.so.6', neededBy: '/bin/sh' }]);
  });

  test('are laid out where the loader looks without a cache', () => {
    const files = programFiles(process.execPath, '/bin/node');
    const folders = loaderDirectories('/lib64/ld-linux-x86-64.so.2');
    for (const { destination } of files.filter(({ destination }) => destination.includes('.so'))) {
      const folder = destination.slice(0, destination.lastIndexOf('/'));
      expect(['/lib64', ...folders]).toContain(folder);
    }
    expect(files[0]).toEqual({ source: process.execPath, destination: '/bin/node' });
  });

  test('of something that is no program are an error', async () => {
    const file = join(tempFolder(), 'text');
    writeFileSync(file, 'text');
    expect((await thrownBy(() => libraryClosure(file))).code).toBe('ERR_OCCLUM_ELF');
    expect((await thrownBy(() => programFiles('/lib64/ld-linux-x86-64.so.2', '/bin/x'))).code).toBe('ERR_OCCLUM_IMAGE');
  });
});

function copied(root: string, path: string): string {
  const place = join(root, path);
  writeFileSync(join(ensure(join(place, '..')), path.slice(path.lastIndexOf('/') + 1)), readFileSync(path));
  return root;
}

function ensure(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}
