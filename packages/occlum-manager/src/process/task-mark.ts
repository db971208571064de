import { readdirSync, readFileSync } from 'node:fs';
import { endGroup } from './process-group.ts';
import { processGroupOf } from './process-identity.ts';

const variable = 'OCCLUM_MANAGER_TASK';

/**
 * What marks the tools of a task in their environment, so that the next holder of the lock finds them when this process
 * is killed: between their start and any note of their number there is always a moment.
 *
 * @param lock folder of the instance's lock, which names the instance
 */
export function taskMark(action: string, lock: string): Readonly<Record<string, string>> {
  return { [variable]: `${action} ${lock}` };
}

/** Ends every process group that is at work on a task; this process's own is never meant. */
export async function endTask(action: string, lock: string): Promise<void> {
  const entry = `${variable}=${action} ${lock}`;
  const groups = new Set(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && environmentOf(name).includes(entry))
      .map((name) => processGroupOf(Number(name)))
      .filter((group) => group !== undefined && group !== processGroupOf(process.pid)),
  );
  for (const group of groups) if (group !== undefined) await endGroup(group, 1000);
}

/** Empty for a process that has ended or is somebody else's. */
function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return [];
  }
}
