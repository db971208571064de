import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { hyphenated } from '../instance/image-key.ts';
import { failOut, refuseBlanks } from './failure.ts';

/**
 * `occlum gen-image-key <path>`: 16 random bytes as `xx-xx-…`. The file has the mode that umask leaves, as a rule
 * readable by everybody: a trap of the genuine tool.
 */
export async function genImageKey(words: string[]): Promise<number> {
  const [path] = words;
  if (path === undefined) throw failOut('target file is not set');
  refuseBlanks(path);
  writeFileSync(path, `${hyphenated(randomBytes(16))}\n`);
  return 0;
}
