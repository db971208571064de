import { lstatSync, readlinkSync } from 'node:fs';
import { join, posix } from 'node:path';

const maxLinks = 40;

/**
 * The host path behind a path of an image, links followed as they are inside: an absolute link starts at the image's
 * root, and ".." never leaves it. Null when there is nothing.
 *
 * @param root image folder; "" means the host itself
 */
export function resolveInImage(root: string, path: string): string | null {
  const rest = path.split('/').filter(Boolean);
  let done = '/';
  let links = 0;
  while (rest.length > 0) {
    const name = rest.shift() ?? '';
    if (name === '.') continue;
    if (name === '..') {
      done = posix.dirname(done);
      continue;
    }
    const next = posix.join(done, name);
    const found = lstatSync(join(root, next), { throwIfNoEntry: false });
    if (found === undefined) return null;
    if (!found.isSymbolicLink()) {
      done = next;
      continue;
    }
    links += 1;
    if (links > maxLinks) return null;
    const target = readlinkSync(join(root, next));
    if (target.startsWith('/')) done = '/';
    rest.unshift(...target.split('/').filter(Boolean));
  }
  return join(root, done);
}
