import { chmodSync, constants, copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { listTree } from './tree.ts';

/**
 * Copies a tree to a folder that does not exist yet: contents, links as they are, permission bits; no times or owners.
 * Where the file system can, files share their blocks until one is changed.
 */
export function copyTree(from: string, to: string): void {
  const entries = listTree(from);
  mkdirSync(to, { recursive: true });
  for (const entry of entries) {
    const target = to + entry.path;
    if (entry.type === 'folder') mkdirSync(target, { mode: 0o700 });
    else if (entry.type === 'link') symlinkSync(entry.target, target);
    else {
      copyFileSync(from + entry.path, target, constants.COPYFILE_FICLONE);
      chmodSync(target, entry.mode);
    }
  }
  // Last and children first: a folder without write permission could not be filled.
  for (const entry of entries.reverse()) if (entry.type === 'folder') chmodSync(to + entry.path, entry.mode);
}
