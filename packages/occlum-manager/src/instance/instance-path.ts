import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';

/**
 * The one name of an instance folder that is safe to hand to occlum: absolute, links resolved, and only characters
 * that the tool's unquoted shell words and `pgrep` patterns take literally (occlum-contract §0.11, §0.13, §9.2).
 *
 * @param dir need not exist; its parent must
 * @throws TeeError ERR_OCCLUM_INSTANCE
 */
export async function instancePath(dir: string): Promise<string> {
  const absolute = resolve(dir);
  let parent: string;
  try {
    parent = await realpath(dirname(absolute));
  } catch (cause) {
    throw new TeeError('ERR_OCCLUM_INSTANCE', `the folder ${dirname(absolute)} cannot be used`, { cause });
  }
  const path = await realpath(join(parent, basename(absolute))).catch(() => join(parent, basename(absolute)));
  if (!/^(\/[A-Za-z0-9._-]+)+$/.test(path)) {
    throw new TeeError('ERR_OCCLUM_INSTANCE', 'the path of an instance may hold letters, digits and . _ - / only', {
      actual: path,
      hint: 'Spaces and other characters break occlum new, init and gen-image-key.',
    });
  }
  return path;
}

/**
 * Refuses a folder beside an instance whose name begins the same: `occlum stop` in /w/a also ends the server of /w/ab,
 * because it looks for processes by the beginning of their command line.
 *
 * @throws TeeError ERR_OCCLUM_INSTANCE
 */
export async function refusePrefixNames(path: string): Promise<void> {
  const name = basename(path);
  for (const other of await readdir(dirname(path))) {
    if (other === name || !(other.startsWith(name) || name.startsWith(other))) continue;
    const instance = await stat(join(dirname(path), other, '.__occlum_status')).catch(() => undefined);
    if (instance === undefined) continue;
    throw new TeeError('ERR_OCCLUM_INSTANCE', `occlum would confuse the instances ${name} and ${other}`, {
      expected: 'no instance name that is the beginning of another beside it',
      actual: `${name}, ${other}`,
      hint: 'Give every instance name the same ending, such as ".inst".',
    });
  }
}
