import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decryptTree, encryptTree, isEncryptedTree } from '../../src/instance/encrypted-image.ts';
import { hyphenated, parseImageKey } from '../../src/instance/image-key.ts';
import { makeManifest } from '../../src/instance/manifest.ts';
import { removeTree } from '../../src/instance/remove-tree.ts';

let folder: string;
const key = new Uint8Array(16).fill(7);
const at = (name: string) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sim-encrypted-'));
});
afterEach(() => removeTree(folder));

function makeTree(contents: Record<string, Uint8Array>): void {
  removeTree(at('plain'));
  mkdirSync(join(at('plain'), 'closed'), { recursive: true });
  symlinkSync('../anywhere', join(at('plain'), 'link'));
  for (const [name, content] of Object.entries(contents))
    writeFileSync(join(at('plain'), name), content, { mode: 0o640 });
  writeFileSync(join(at('plain'), 'closed', 'file'), 'x', { mode: 0o400 });
}

describe('an encrypted tree', () => {
  test('decrypts to the tree that it was made from', () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    fc.assert(
      fc.property(
        fc.dictionary(
          name.filter((text) => text !== 'link' && text !== 'closed'),
          fc.uint8Array(),
        ),
        (contents) => {
          makeTree(contents);
          for (const path of ['sealed', 'again']) removeTree(at(path));
          encryptTree(at('plain'), at('sealed'), key);
          expect(isEncryptedTree(at('sealed'))).toBe(true);
          expect(decryptTree(at('sealed'), at('again'), key)).toBe(true);
          expect(makeManifest(at('again'))).toEqual(makeManifest(at('plain')));
        },
      ),
      { numRuns: 30 },
    );
  });

  test('is the same for the same tree and key, in which no two blobs begin alike', () => {
    makeTree({ one: Buffer.from('same'), two: Buffer.from('same') });
    encryptTree(at('plain'), at('sealed'), key);
    encryptTree(at('plain'), at('again'), key);
    expect(makeManifest(at('again'))).toEqual(makeManifest(at('sealed')));
    const nonces = readdirSync(at('sealed')).map((name) =>
      readFileSync(join(at('sealed'), name))
        .subarray(0, 12)
        .toString('hex'),
    );
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  test('does not open with another key, nor with any bit changed, nor with blobs exchanged', () => {
    makeTree({ one: Buffer.from('first'), two: Buffer.from('other') });
    encryptTree(at('plain'), at('sealed'), key);
    const opens = () => {
      removeTree(at('out'));
      return decryptTree(at('sealed'), at('out'), key);
    };
    expect(decryptTree(at('sealed'), at('wrong'), new Uint8Array(16))).toBe(false);
    const names = readdirSync(at('sealed'));
    for (const name of names) {
      const path = join(at('sealed'), name);
      const original = readFileSync(path);
      for (const offset of [0, 12, original.length - 1]) {
        const changed = Buffer.from(original);
        changed[offset] = (changed[offset] ?? 0) ^ 1;
        writeFileSync(path, changed);
        expect(opens()).toBe(false);
      }
      writeFileSync(path, original.subarray(0, 20));
      expect(opens()).toBe(false);
      writeFileSync(path, original);
    }
    const [first = '', second = ''] = names
      .filter((name) => name !== 'metadata')
      .map((name) => join(at('sealed'), name));
    const [a, b] = [readFileSync(first), readFileSync(second)];
    writeFileSync(first, b);
    writeFileSync(second, a);
    expect(opens()).toBe(false);
    writeFileSync(first, a);
    writeFileSync(second, b);
    expect(opens()).toBe(true);
  });
});

describe('an image key', () => {
  test('is read back as it was written, and nothing else is one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(parseImageKey(`${hyphenated(bytes)}\n`)).toEqual(bytes);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseImageKey(text)).toBeNull();
      }),
    );
    for (const text of [
      hyphenated(new Uint8Array(15)),
      hyphenated(new Uint8Array(17)),
      `${hyphenated(key)}\n\n`,
      'AA-'.repeat(15),
    ]) {
      expect(parseImageKey(text)).toBeNull();
    }
  });
});

test('a clear tree is not taken for an encrypted one', () => {
  makeTree({});
  expect(isEncryptedTree(at('plain'))).toBe(false);
  rmSync(at('plain'), { recursive: true });
});
