import { appendFileSync, linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { startTime } from '../process/is-alive.ts';
import { killQuietly } from '../process/kill-quietly.ts';

/**
 * Takes the lock of an instance: one run or server at a time. A lock whose owner is gone is taken over, once what the
 * owner left running (see {@link noteSandbox}) is gone, too: two sandboxes over one writable layer would damage it.
 *
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
      endRemains(path);
      if (!takeAway(path, `${staged}.stale`)) return null;
    }
    return null;
  } finally {
    unlinkSync(staged);
  }
}

/** Notes in a lock that is held a process that must not outlive its owner. */
export function noteSandbox(path: string, pid: number): void {
  appendFileSync(path, `${pid} ${startTime(pid) ?? '0'}\n`);
}

/**
 * Takes a stale lock away, by renaming it: of several processes that found it stale only one gets it.
 * @returns false when it was not stale any more: another was faster, and has its lock back
 */
function takeAway(path: string, aside: string): boolean {
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
  const held = isHeld(aside);
  if (held) renameSync(aside, path);
  else unlinkSync(aside);
  return !held;
}

/** The kernel ends a sandbox whose owner was killed, but not at that very moment. */
function endRemains(path: string): void {
  const [, ...remains] = linesOf(path).map(([pid = '', started]) => ({ pid: Number(pid), started }));
  for (const { pid, started } of remains) {
    for (let waited = 0; startTime(pid) === started && waited < 5000; waited += 20) {
      if (waited === 0) killQuietly(pid);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

function linesOf(path: string): string[][] {
  try {
    return readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
  } catch {
    return [];
  }
}

/** Whether a living process holds the lock. */
export function isHeld(path: string): boolean {
  const [[pid, started] = []] = linesOf(path);
  return started !== undefined && startTime(Number(pid)) === started;
}
