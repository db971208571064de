import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** SHA-256 (hex) over the SHA-256 of each file in turn: what the engine v8-isolate consists of, besides Node itself. */
export async function hashOfFiles(files: readonly (string | URL)[]): Promise<string> {
  const whole = createHash('sha256');
  for (const file of files) {
    const one = createHash('sha256').update(await readFile(file));
    whole.update(one.digest());
  }
  return whole.digest('hex');
}
