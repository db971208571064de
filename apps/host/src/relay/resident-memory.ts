import { readdirSync, readFileSync } from 'node:fs';

/** Bytes of memory that the processes of a group have resident, by /proc; 0 when there are none. Shared pages count for each. */
export function residentMemory(group: number): number {
  let pages = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // proc(5): the name of the program may hold anything, so fields are counted from behind its closing parenthesis.
    const fields = read(`/proc/${name}/stat`).split(') ').pop()?.split(' ') ?? [];
    const [processGroup, resident] = [fields[2], fields[21]];
    if (Number(processGroup) === group) pages += Number(resident);
  }
  return pages * 4096;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It ended while we looked.
    return '';
  }
}
