import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type BuildMarker, buildState } from './build-marker.ts';
import type { InstanceLayout } from './layout.ts';

/** State of an instance. */
export interface InstanceStatus {
  readonly built: boolean;
  /** Why it does not count as built, else null. */
  readonly reason: string | null;
  readonly build: BuildMarker | null;
  /** Process number of its exec server, or null. */
  readonly server: number | null;
  /** What the status file of occlum says, for comparison; it is wrong after failures. */
  readonly statusFile: string;
}

/** See {@link InstanceStatus}. */
export async function instanceStatus(layout: InstanceLayout, sgxMode: 'HW' | 'SIM'): Promise<InstanceStatus> {
  const state = buildState(layout, sgxMode);
  return {
    built: state.built,
    reason: state.built ? null : state.reason,
    build: state.built ? state.marker : null,
    server: (await serverProcess(layout)) ?? null,
    statusFile: readFileSync(layout.status, 'utf8').trim(),
  };
}

/**
 * The process of the instance's exec server: somebody answers its socket, or a process has exactly its command line.
 * Not by a search for a beginning of a command line, as occlum does, which finds the neighbours' too (§0.11).
 *
 * @returns its number, 0 when the socket answers and the process is not visible, undefined when there is none
 */
export async function serverProcess(layout: InstanceLayout): Promise<number | undefined> {
  const dir = join(layout.status, '..');
  const server = processes().find(({ args, cwd }) => {
    const at = args.indexOf('-d');
    return /occlum_exec_server$/.test(args[0] ?? '') && (args[at + 1] === dir || cwd === dir);
  });
  if (server !== undefined) return server.pid;
  return (await answers(layout.execSocket)) ? 0 : undefined;
}

function processes(): { pid: number; args: string[]; cwd: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const args = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').slice(0, -1);
        // Only what may be one is looked at more closely.
        if (!args.some((arg) => arg.includes('occlum'))) return [];
        return [{ pid: Number(name), args, cwd: readlinkSync(`/proc/${name}/cwd`) }];
      } catch {
        // It has ended meanwhile, or belongs to somebody else.
        return [];
      }
    });
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    const settle = (there: boolean): void => {
      connection.destroy();
      resolve(there);
    };
    connection.once('connect', () => settle(true));
    connection.once('error', () => settle(false));
  });
}
