import { readFileSync } from 'node:fs';

/** Whether a process with this id exists (zombies and processes on their way out do not count). An id can have gone to another process meanwhile. */
export function isAlive(pid: number): boolean {
  return startTime(pid) !== null;
}

/** PF_EXITING of the kernel's task flags: the process is being taken apart and runs no more code. */
const exiting = 4;

/**
 * When the process started, in clock ticks since boot: with the pid it names a process uniquely.
 *
 * A killed process keeps an entry that looks alive until its last thread has ended, on a busy machine long enough to
 * be mistaken for a running one; its flags tell.
 *
 * @returns null when there is no such process, or only its zombie, or it is ending
 */
export function startTime(pid: number): string | null {
  const fields = statFields(pid);
  const ended = fields?.[0] === 'Z' || fields?.[0] === 'X' || (Number(fields?.[6]) & exiting) !== 0;
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
