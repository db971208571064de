import { existsSync, statSync } from 'node:fs';
import { CliFailure, failErr } from './failure.ts';
import { builtInstance } from './instance-state.ts';
import { readOptions } from './options.ts';

const rules = {
  '--sign-key': { value: true, emptyText: 'empty signing key path' },
  '--sign-tool': { value: true, emptyText: 'empty signing tool path' },
  '--image-key': { value: true, emptyText: 'empty secure image key path' },
};

/**
 * `occlum mount`: checks its words as the script does, and then answers as the genuine tool does where FUSE is not to
 * be had, which occlum-sim does not speak. The built image can be read as files: `build/mount/__ROOT`.
 */
export async function mountImage(words: string[]): Promise<number> {
  builtInstance();
  const { options, rest } = readOptions(words, rules);
  for (const [name, what] of [
    ['--sign-key', 'signing key'],
    ['--sign-tool', 'signing tool'],
    ['--image-key', 'secure image key'],
  ] as const) {
    const path = options.get(name);
    if (path !== undefined && !existsSync(path)) throw failErr(`invalid ${what} path: ${path}`);
  }
  const [folder = ''] = rest;
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw failErr(`invalid mount point: ${folder}`);
  }
  throw new CliFailure("fuse: device not found, try 'modprobe fuse' first (occlum-sim serves no FUSE)", 'stderr');
}
