import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSigningKey } from '../../src/index.ts';

let key: Promise<string> | undefined;

/** A signing key as PEM. It is slow to make; the tests of one file share one. */
export function sharedKey(): Promise<string> {
  key ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'signing-key-'));
    try {
      const { file } = await generateSigningKey(join(folder, 'key.pem'));
      return readFileSync(file, 'utf8');
    } finally {
      rmSync(folder, { recursive: true });
    }
  })();
  return key;
}
