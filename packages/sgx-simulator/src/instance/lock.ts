import { linkSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { startTime } from '../process/is-alive.ts';

/**
 * Takes the lock of an instance: one run or server at a time. A lock whose owner is gone is taken over.
 * @returns what gives it back, or null when a living process holds it
 */
export function takeLock(path: string): (() => void) | null {
  const own = `${process.pid} ${startTime(process.pid) ?? '0'}\n`;
  const staged = `${path}.${process.pid}`;
  writeFileSync(staged, own);
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        // A link appears whole or not at all, and fails when the name is taken.
        linkSync(staged, path);
        return () => rmSync(path, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      if (isHeld(path)) return null;
      rmSync(path, { force: true });
    }
    return null;
  } finally {
    unlinkSync(staged);
  }
}

/** Whether a living process holds the lock. */
export function isHeld(path: string): boolean {
  try {
    const [pid = '', started] = readFileSync(path, 'utf8').trim().split(' ');
    return startTime(Number(pid)) === started;
  } catch {
    return false;
  }
}
