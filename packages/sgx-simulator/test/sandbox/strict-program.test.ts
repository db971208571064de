import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { strictFormatFault } from '../../src/sandbox/strict-program.ts';

let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sim-format-'));
  file = join(folder, 'program');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function judge(content: Uint8Array | string) {
  writeFileSync(file, content);
  return strictFormatFault(
    file,
    (path) => path.startsWith('/host/'),
    () => null,
  );
}

describe('a file that no loader would take', () => {
  test('is refused whatever its bytes are, and never breaks the check', () => {
    const magic = fc.constantFrom([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], [0x23, 0x21], []);
    fc.assert(
      fc.property(magic, fc.uint8Array({ maxLength: 300 }), (head, rest) => {
        expect(judge(Uint8Array.from([...head, ...rest]))).not.toBeNull();
      }),
    );
  });

  test('is an unknown format when its first line is longer than the LibOS reads, or never ends', () => {
    expect(judge(`#!/${'a'.repeat(124)}\n`)).toMatchObject({ name: 'ENOENT' });
    expect(judge(`#!/${'a'.repeat(125)}\n`)).toMatchObject({ name: 'ENOEXEC' });
    expect(judge('#!/bin/sh')).toMatchObject({ name: 'ENOEXEC' });
  });
});
