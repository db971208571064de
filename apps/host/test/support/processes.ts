import { readdirSync, readFileSync } from 'node:fs';

/** A process of this machine, as /proc shows it. */
export interface ListedProcess {
  pid: number;
  command: string;
}

/**
 * Every process whose command line or environment holds the text: a test gives its TEE_HOME a unique name, which all
 * that belongs to it carries. The asking process is left out.
 */
export function processesWith(text: string): ListedProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const command = read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim();
      const found = command.includes(text) || read(`/proc/${name}/environ`).includes(text);
      return found && command !== '' ? [{ pid: Number(name), command }] : [];
    });
}

/** Waits until no such process is left, at most this long; returns those that are. */
export async function leftAfter(text: string, milliseconds: number): Promise<ListedProcess[]> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const left = processesWith(text);
    if (left.length === 0 || Date.now() > deadline) return left;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It ended while we looked, or is a kernel thread.
    return '';
  }
}
