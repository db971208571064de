import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTime } from '../process/is-alive.ts';

const prefix = 'occlum-sim-';

/**
 * A private folder (0700) with a short path, for a socket and a mount point. Its name says whose it is; folders of
 * processes that are gone (killed before they could clean up) are removed on the way.
 */
export function makeScratchFolder(): { path: string; remove(): void } {
  for (const name of readdirSync(tmpdir())) {
    const [, pid, started] = /^occlum-sim-(\d+)-(\d+)-/.exec(name) ?? [];
    if (pid === undefined || startTime(Number(pid)) === started) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another user's: theirs to clean.
    }
  }
  const path = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-${startTime(process.pid) ?? '0'}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
