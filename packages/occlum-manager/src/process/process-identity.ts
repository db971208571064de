import { readFileSync, readlinkSync } from 'node:fs';

/** A process named so that a later process with the same number is not taken for it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot at which it started: field 22 of /proc/PID/stat. */
  readonly startTime: string;
  /** Boot and pid name space in which the two mean something. */
  readonly scope: string;
}

/** The identity of a living process, or undefined when there is none (zombies count as dead). */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  const fields = statFields(pid);
  if (fields === undefined || fields.state === 'Z' || fields.state === 'X') return undefined;
  return { pid, startTime: fields.startTime, scope: ownScope() };
}

/**
 * Whether the process is still there. `unknown` for one of another pid name space (another container sharing the
 * folder): nothing can be said about it from here. One of an earlier boot is dead.
 */
export function processState(identity: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  const [boot, namespace] = identity.scope.split(' ');
  const [ownBoot, ownNamespace] = ownScope().split(' ');
  if (boot !== ownBoot) return 'dead';
  if (namespace !== ownNamespace) return 'unknown';
  return processIdentity(identity.pid)?.startTime === identity.startTime ? 'alive' : 'dead';
}

/** Whether any process of the group lives (zombies do not count). */
export function groupAlive(processGroup: number, pids: readonly number[]): boolean {
  return pids.some((pid) => {
    const fields = statFields(pid);
    return fields?.group === processGroup && fields.state !== 'Z' && fields.state !== 'X';
  });
}

/** The process group of a living process. */
export function processGroupOf(pid: number): number | undefined {
  return statFields(pid)?.group;
}

function statFields(pid: number): { state: string; group: number; startTime: string } | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', group: Number(fields[2]), startTime: fields[19] ?? '' };
}

let scope: string | undefined;

function ownScope(): string {
  scope ??= `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  return scope;
}
