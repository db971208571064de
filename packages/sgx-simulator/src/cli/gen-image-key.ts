import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { failOut } from './failure.ts';

/** `occlum gen-image-key <path>`: 16 random bytes as `xx-xx-…`. The file gets mode 0600; the genuine tool leaves 0644. */
export async function genImageKey(words: string[]): Promise<number> {
  const [path] = words;
  if (path === undefined) throw failOut('target file is not set');
  const key = [...randomBytes(16)].map((byte) => byte.toString(16).padStart(2, '0')).join('-');
  writeFileSync(path, `${key}\n`, { mode: 0o600 });
  return 0;
}
