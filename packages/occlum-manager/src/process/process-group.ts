import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { groupAlive } from './process-identity.ts';

/**
 * Sends a signal to every process of a group; a group that is gone already is fine.
 *
 * @returns false when there is no such process, not even one that waits to be reaped
 */
export function signalGroup(processGroup: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-processGroup, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}

/**
 * Ends a process group: SIGTERM, and SIGKILL when some of it is left after `graceMs`. Resolves when none is left.
 * Killing only the first process is not enough: occlum is a shell script whose launcher outlives it (surprise 12).
 *
 * @param killMs how long the kernel gets to reap after SIGKILL before this gives up waiting
 */
export async function endGroup(processGroup: number, graceMs: number, killMs = 5000): Promise<void> {
  if (graceMs > 0) {
    if (!signalGroup(processGroup, 'SIGTERM') || (await gone(processGroup, graceMs))) return;
  }
  if (signalGroup(processGroup, 'SIGKILL')) await gone(processGroup, killMs);
}

async function gone(processGroup: number, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  for (let pause = 2; ; pause = Math.min(pause * 2, 50)) {
    if (!groupAlive(processGroup, allProcesses())) return true;
    if (performance.now() >= until) return false;
    await delay(pause);
  }
}

function allProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}
