import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Bom,
  type CopyBomOptions,
  copyBom,
  parseBom,
  stringifyBom,
  walkImage,
  writeBom,
} from '../../src/index.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** A folder with files, a bom.yaml in it, and the bom carried out into `image`. */
async function carriedOut(bom: string, files: Record<string, string> = {}, options: Partial<CopyBomOptions> = {}) {
  const folder = tempFolder();
  for (const [name, text] of Object.entries({ ...files, 'bom.yaml': bom })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const root = join(folder, 'image');
  const run = (): Promise<void> => copyBom(join(folder, 'bom.yaml'), { root, ...options });
  const paths = async (): Promise<string[]> => (await walkImage(root)).map(({ path }) => path);
  return { folder, root, run, paths };
}

describe('the grammar', () => {
  test('is read whole', () => {
    const bom = parseBom(`
includes: [base.yaml]
excludes: [.git]
targets:
  - target: /opt
    mkdirs: [a, b/c]
    createlinks: [{ src: ../x, linkname: l }]
    copy:
      - from: dir
        dirs: [d, e/]
        files: [f, { name: g, hash: ${'AB'.repeat(32)}, autodep: false, rename: h }]
`);
    expect(bom.targets?.[0]?.copy?.[0]?.files).toHaveLength(2);
    expect(parseBom(stringifyBom(bom))).toEqual(bom);
    expect(parseBom('')).toEqual({});
  });

  test.each([
    ['an unknown key, which copy_bom ignores', 'targets: [{ target: /a, permissions: 0755 }]'],
    ['a relative target', 'targets: [{ target: a }]'],
    [
      'a hash in lower case, which never matches',
      `targets: [{target: /a, copy: [{files: [{name: x, hash: ${'ab'.repeat(32)}}]}]}]`,
    ],
    ['a key given twice', 'targets: []\ntargets: []'],
    ['no YAML', 'targets: [}'],
    ['a billion laughs', ['a: &a [x]', ...Array.from({ length: 30 }, (_, at) => `b${at}: [*a,*a]`)].join('\n')],
  ])('refuses %s', async (_, text) => {
    expect((await thrownBy(() => parseBom(text))).code).toBe('ERR_OCCLUM_BOM');
  });

  test('whatever comes in, it is a bom or an ERR_OCCLUM_BOM', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseBom(text);
          return true;
        } catch (error) {
          return (error as { code?: string }).code === 'ERR_OCCLUM_BOM';
        }
      }),
    );
  });

  test('what is written reads back the same', () => {
    const name = fc.string({ minLength: 1, maxLength: 12 });
    const boms: fc.Arbitrary<Bom> = fc.record({
      excludes: fc.array(name),
      targets: fc.array(
        fc.record({
          target: name.map((text) => `/${text}`),
          mkdirs: fc.array(name),
          createlinks: fc.array(fc.record({ src: name, linkname: name })),
          copy: fc.array(fc.record({ from: name, dirs: fc.array(name), files: fc.array(name) })),
        }),
      ),
    });
    fc.assert(
      fc.property(boms, (bom) => {
        expect(parseBom(stringifyBom(bom))).toEqual(bom);
      }),
    );
  });
});

describe('a bom that is written', () => {
  test('is a file that reads back the same; one that is none leaves the old file', async () => {
    const folder = tempFolder();
    const file = join(folder, 'bom.yaml');
    const bom: Bom = { includes: ['base.yaml'], targets: [{ target: '/bin', copy: [{ files: ['/bin/sh'] }] }] };
    await writeBom(file, bom);
    expect(parseBom(readFileSync(file, 'utf8'))).toEqual(bom);
    expect((await thrownBy(() => writeBom(file, { targets: [{ target: 'bin' }] }))).code).toBe('ERR_OCCLUM_BOM');
    expect(parseBom(readFileSync(file, 'utf8'))).toEqual(bom);
    expect(readdirSync(folder)).toEqual(['bom.yaml']);
  });
});

describe('a bom that is carried out', () => {
  test('makes folders, links and copies, folders with or without their name', async () => {
    const { root, run, paths } = await carriedOut(
      `
excludes: [.git, '*.tmp']
targets:
  - target: /opt
    mkdirs: [deep/er]
    createlinks: [{ src: deep, linkname: link }]
    copy:
      - dirs: [tree, tree/]
        files: [{ name: tree/a, rename: renamed }]
`,
      { 'tree/a': 'A', 'tree/sub/b': 'B', 'tree/.git/c': 'C', 'tree/x.tmp': 'X' },
    );
    await run();
    expect(await paths()).toEqual(
      ['/opt', '/opt/a', '/opt/deep', '/opt/deep/er', '/opt/link', '/opt/renamed'].concat([
        ...['/opt/sub', '/opt/sub/b', '/opt/tree', '/opt/tree/a', '/opt/tree/sub', '/opt/tree/sub/b'],
      ]),
    );
    expect(readlinkSync(join(root, 'opt/link'))).toBe('deep');
  });

  test('keeps links that stay inside and follows the others', async () => {
    const { folder, root, run } = await carriedOut('targets: [{ target: /t, copy: [{ dirs: [tree/] }] }]', {
      'tree/sub/a': 'A',
      outside: 'O',
    });
    symlinkSync('sub/a', join(folder, 'tree/in'));
    symlinkSync('../../outside', join(folder, 'tree/sub/out'));
    symlinkSync(join(folder, 'outside'), join(folder, 'tree/absolute'));
    await run();
    expect(readlinkSync(join(root, 't/in'))).toBe('sub/a');
    expect(lstatSync(join(root, 't/sub/out')).isFile()).toBe(true);
    expect(readFileSync(join(root, 't/absolute'), 'utf8')).toBe('O');
  });

  test('has included boms first, so that the including one wins', async () => {
    const { root, run } = await carriedOut(
      'includes: [base.yaml]\ntargets: [{ target: /t, copy: [{ files: [new/f] }] }]',
      {
        'base.yaml': 'targets: [{ target: /t, copy: [{ files: [old/f] }] }]',
        'old/f': 'old',
        'new/f': 'new',
      },
    );
    await run();
    expect(readFileSync(join(root, 't/f'), 'utf8')).toBe('new');
  });

  test('replaces variables, and refuses one that is not set', async () => {
    const bom = `targets: [{ target: /t, copy: [{ from: "\${DIR}", files: ["$NAME"] }] }]`;
    const files = { 'd/f': 'F' };
    const set = await carriedOut(bom, files, { variables: { DIR: 'd', NAME: 'f' } });
    await set.run();
    expect(await set.paths()).toEqual(['/t', '/t/f']);
    const unset = await carriedOut(bom, files, { variables: { DIR: 'd' } });
    expect((await thrownBy(unset.run)).code).toBe('ERR_OCCLUM_BOM');
  });

  test('copies a program’s libraries and loader with it, unless told not to', async () => {
    const withThem = await carriedOut('targets: [{ target: /bin, copy: [{ files: [/bin/sh] }] }]');
    await withThem.run();
    expect((await withThem.paths()).join()).toMatch(/libc\.so\.6.*ld-linux-x86-64/);
    const without = await carriedOut(
      'targets: [{ target: /bin, copy: [{ files: [{ name: /bin/sh, autodep: false }] }] }]',
    );
    await without.run();
    expect(await without.paths()).toEqual(['/bin', '/bin/sh']);
  });

  test('checks a hash', async () => {
    const hash = createHash('sha256').update('F').digest('hex').toUpperCase();
    const bom = `targets: [{ target: /t, copy: [{ files: [{ name: f, hash: ${hash} }] }] }]`;
    await (await carriedOut(bom, { f: 'F' })).run();
    expect((await thrownBy((await carriedOut(bom, { f: 'G' })).run)).code).toBe('ERR_OCCLUM_BOM');
  });

  test.each([
    ['a file that is not there', 'targets: [{ target: /t, copy: [{ files: [nothing] }] }]', 'ERR_OCCLUM_BOM'],
    ['a copy of nothing', 'targets: [{ target: /t, copy: [{}] }]', 'ERR_OCCLUM_BOM'],
    ['a bom that includes itself', 'includes: [bom.yaml]', 'ERR_OCCLUM_BOM'],
    ['an include that is not there', 'includes: [other.yaml]', 'ERR_OCCLUM_BOM'],
    ['a name that leaves the image', 'targets: [{ target: /t, mkdirs: [../../out] }]', 'ERR_OCCLUM_IMAGE'],
    ['§0.13: a name that breaks the build', 'targets: [{ target: /t, mkdirs: ["a;b"] }]', 'ERR_OCCLUM_IMAGE'],
    [
      'a link that leads out of the image',
      'targets: [{ target: /t, createlinks: [{ src: ../../.., linkname: l }], mkdirs: [] }, { target: /t/l/x }]',
      'ERR_OCCLUM_IMAGE',
    ],
  ])('refuses %s', async (_, bom, code) => {
    const { folder, run } = await carriedOut(bom);
    expect((await thrownBy(run)).code).toBe(code);
    expect(readdirSync(folder).filter((name) => name !== 'image')).toEqual(['bom.yaml']);
  });
});
