import { readdirSync, readFileSync } from 'node:fs';

/**
 * Host ids of the servers that the script takes for those of the instance in `root`. It looks with `pgrep --full` for
 * a path that is not anchored at its end: the server of `/w/ab` counts for `/w/a`, too (occlum-contract §0, surprise
 * 11).
 */
export function serversOf(root: string): number[] {
  return processesWith(`occlum-sim-server.js -d ${root}`);
}

/** The same for launchers: any process whose command line has `<root>/build/bin/occlum-run` anywhere in it. */
export function launchersOf(root: string): number[] {
  return processesWith(`${root}/build/bin/occlum-run`);
}

function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => commandLineOf(name).includes(text))
    .map(Number);
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
