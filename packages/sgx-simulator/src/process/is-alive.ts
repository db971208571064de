import { readFileSync } from 'node:fs';

/** Whether a process with this id exists (zombies do not count). An id can have gone to another process meanwhile. */
export function isAlive(pid: number): boolean {
  return startTime(pid) !== null;
}

/**
 * When the process started, in clock ticks since boot: with the pid it names a process uniquely.
 * @returns null when there is no such process, or only its zombie
 */
export function startTime(pid: number): string | null {
  const fields = statFields(pid);
  const ended = fields?.[0] === 'Z' || fields?.[0] === 'X';
  return ended ? null : (fields?.[19] ?? null);
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
