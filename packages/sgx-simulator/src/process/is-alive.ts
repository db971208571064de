import { readFileSync } from 'node:fs';

/** Whether a process with this id exists (zombies do not count). An id can have gone to another process meanwhile. */
export function isAlive(pid: number): boolean {
  const state = statFields(pid)?.[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/**
 * When the process started, in clock ticks since boot: with the pid it names a process uniquely.
 * @returns null when there is no such process
 */
export function startTime(pid: number): string | null {
  return statFields(pid)?.[19] ?? null;
}

/** The fields of /proc/PID/stat after the command name (which may hold blanks and parentheses): state first. */
function statFields(pid: number): string[] | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
