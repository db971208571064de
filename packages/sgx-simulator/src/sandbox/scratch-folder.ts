import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeTree } from '../instance/remove-tree.ts';
import { startTime } from '../process/is-alive.ts';

const prefix = 'occlum-sim-';

/** Where what must not come to a disk is kept: memory, on Linux as a rule. */
const memoryFolder = '/dev/shm';

/**
 * A private folder (0700) with a short path, for a socket and a mount point. Its name says whose it is; folders of
 * processes that are gone (killed before they could clean up) are removed on the way.
 *
 * @param inMemory true for a folder that also takes a decrypted image
 */
export function makeScratchFolder(inMemory: boolean): { path: string; remove(): void } {
  const parents = [tmpdir(), memoryFolder].filter((folder) => existsSync(folder));
  for (const parent of parents) removeLeftovers(parent);
  const parent = inMemory && parents.includes(memoryFolder) ? memoryFolder : tmpdir();
  const path = mkdtempSync(join(parent, `${prefix}${process.pid}-${startTime(process.pid) ?? '0'}-`));
  return { path, remove: () => removeTree(path) };
}

function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const [, pid, started] = /^occlum-sim-(\d+)-(\d+)-/.exec(name) ?? [];
    if (pid === undefined || startTime(Number(pid)) === started) continue;
    try {
      removeTree(join(parent, name));
    } catch {
      // Another user's, or another process was faster: theirs to clean.
    }
  }
}
