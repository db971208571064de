import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { killQuietly } from '../process/kill-quietly.ts';
import type { SandboxHandle } from './handle.ts';

/** A program in a sandbox. */
export interface RunningProgram {
  /** Resolves with how it ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Ends it (and, un-rooted, its process group) with SIGKILL. */
  kill(): void;
  /** The process that stands for it on the host. */
  pid: number | undefined;
  /** The program's own process as the host sees it; none when it is not there yet, or gone. */
  programs(): number[];
}

const watchdogScript = 'read -r line; kill -s KILL -- "-$1"';

/**
 * Starts a program in a sandbox with the caller's standard streams, and with nothing but `environment`. If the caller
 * dies in whatever way the program dies too: rooted, with its sandbox; un-rooted, by a watchdog on a pipe.
 *
 * @param program absolute path as seen inside
 */
export function startProgram(
  handle: SandboxHandle,
  program: string,
  args: string[],
  environment: Record<string, string>,
): RunningProgram {
  return handle.rootfs === 'image'
    ? startRooted(handle, program, args, environment)
    : startUnrooted(handle, program, args, environment);
}

function startRooted(
  handle: SandboxHandle & { rootfs: 'image' },
  program: string,
  args: string[],
  environment: Record<string, string>,
): RunningProgram {
  const enter = ['-t', String(handle.init), '-U', '-m', '-p', '-i', '-u', '--preserve-credentials', '--'];
  const child = spawn(tool('nsenter'), [...enter, ...throughLauncher(handle, [program, ...args])], {
    stdio: 'inherit',
    env: { ...environment, OCCLUM_SIM_ROOTFS: 'image' },
    cwd: '/',
  });
  // nsenter stays outside as the parent of the program; ending it would leave the program.
  const kill = () => {
    for (const pid of childrenOf(child.pid)) killQuietly(pid);
  };
  return { ended: endOf(child), kill, pid: child.pid, programs: () => childrenOf(child.pid) };
}

function startUnrooted(
  handle: SandboxHandle & { rootfs: 'none' },
  program: string,
  args: string[],
  environment: Record<string, string>,
): RunningProgram {
  const options: SpawnOptions = {
    stdio: 'inherit',
    env: { ...environment, OCCLUM_SIM_ROOTFS: 'none', OCCLUM_SIM_DEVICE: handle.device },
    cwd: handle.writable,
    detached: true,
  };
  const words = [...programFile(handle.image, program), ...args.map((argument) => hostPath(handle.image, argument))];
  const command = throughLauncher(handle, words);
  // Where it is to be had: the death of this process then reaches the program at once.
  const setpriv = tool('setpriv');
  const child = setpriv.startsWith('/')
    ? spawn(setpriv, ['--pdeathsig', 'KILL', '--', ...command], options)
    : spawn(command[0] ?? '', command.slice(1), options);
  const group = child.pid;
  if (group === undefined) {
    return { ended: endOf(child), kill: () => undefined, pid: undefined, programs: () => [] };
  }
  const watchdog = spawn('/bin/sh', ['-c', watchdogScript, 'occlum-sim-watchdog', String(group)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
    detached: true,
  });
  watchdog.stdin?.on('error', () => undefined);
  watchdog.unref();
  const ended = endOf(child).finally(() => {
    killQuietly(-group);
    watchdog.kill('SIGKILL');
  });
  return { ended, kill: () => killQuietly(-group), pid: group, programs: () => [group] };
}

/** The command that starts a command under its sandbox's limits, with the name of its file as argv[0], as in Occlum. */
function throughLauncher({ launcher }: SandboxHandle, [file = '', ...args]: string[]): string[] {
  return launcher === null ? [file, ...args] : [launcher, file, basename(file), ...args];
}

/** The processes of the program that `pid` stands for (see {@link RunningProgram.pid}), as the host sees them. */
export function programsOf(handle: SandboxHandle, pid: number): number[] {
  return handle.rootfs === 'none' ? [pid] : childrenOf(pid);
}

/** Ends the program that `pid` stands for (see {@link RunningProgram.pid}), when its starter can no longer do it. */
export function killProgram(handle: SandboxHandle, pid: number): void {
  if (handle.rootfs === 'none') killQuietly(-pid);
  else for (const child of childrenOf(pid)) killQuietly(child);
}

function endOf(child: ChildProcess): RunningProgram['ended'] {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** What to start for a program of the image. The kernel would look for a script's interpreter on the host. */
function programFile(image: string, program: string): string[] {
  const file = join(image, program);
  const head = readFileSync(file).subarray(0, 128).toString('latin1');
  const interpreter = /^#!(\/\S+)\n/.exec(head)?.[1];
  return interpreter === undefined ? [file] : [join(image, interpreter), file];
}

/** An argument that names a file of the image, as the host path of that file; any other as it is. */
function hostPath(image: string, argument: string): string {
  if (!argument.startsWith('/')) return argument;
  const path = join(image, argument);
  return existsSync(path) && statSync(path).isFile() ? path : argument;
}

function childrenOf(pid: number | undefined): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Where a util-linux tool lies, or its bare name. The program's environment has no PATH to find it by. */
function tool(name: string): string {
  const found = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'].map((folder) => join(folder, name));
  return found.find((path) => existsSync(path)) ?? name;
}
