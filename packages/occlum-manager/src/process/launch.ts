import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { TeeError } from '@neo-service-layer/tee-interface';
import { forgetGroup, rememberGroup } from './live-groups.ts';
import { OutputTail } from './output-tail.ts';
import { endGroup } from './process-group.ts';

/** How occlum is started: the executable, or an interpreter and the script it runs. */
export interface OcclumExecutable {
  readonly file: string;
  readonly firstArguments: readonly string[];
}

/** Where a stream of a command goes: to a callback, chunk by chunk, or to the end of a file (made with mode 0600). */
export type OutputSink = ((chunk: Uint8Array) => void) | { readonly file: string };

/** One command of occlum. */
export interface OcclumCommand {
  readonly executable: OcclumExecutable;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment; nothing is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdout?: OutputSink | undefined;
  readonly stderr?: OutputSink | undefined;
  /** True when the command leaves a server behind in its process group, which then is not ended with it. */
  readonly leavesServer?: boolean | undefined;
}

/** A command that was started. */
export interface LaunchedCommand {
  /** Also the number of its process group. */
  readonly pid: number;
  /** Rejects, when everything has ended, with what a callback for its output threw. */
  readonly exited: Promise<CommandExit>;
  /** SIGTERM to the group, SIGKILL after `graceMs`; resolves when none of it is left. */
  end(graceMs: number): Promise<void>;
}

/** How a command ended. */
export interface CommandExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The last 8 KB of each stream; empty for one that went to a file. */
  readonly stdoutTail: string;
  readonly stderrTail: string;
}

/**
 * A process that left the group and holds a pipe open is not waited for longer than this many turns of this many
 * milliseconds. In turns, because a busy host may find one long time-out over before it has read what is there.
 */
const drainTurns = 20;
const drainTurnMs = 50;

/**
 * Starts a command of occlum in a process group of its own, with the given environment only and nothing on stdin.
 * Output passes through in constant memory. When the command ends, what is left of its group is ended too; when this
 * process exits, so is the whole group.
 *
 * @throws TeeError ERR_OCCLUM_NOT_FOUND when the executable cannot be started
 */
export async function launch(command: OcclumCommand): Promise<LaunchedCommand> {
  const { executable, cwd, env, leavesServer = false } = command;
  const args = [...executable.firstArguments, ...command.args];
  const stdout = openSink(command.stdout);
  const stderr = openSink(command.stderr);
  const child = spawn(executable.file, args, {
    cwd,
    env: { ...env },
    detached: true,
    stdio: ['ignore', stdout.target, stderr.target],
  });
  const failed = new Promise<NodeJS.ErrnoException>((resolve) => child.once('error', resolve));
  for (const { descriptor } of [stdout, stderr]) if (descriptor !== undefined) closeSync(descriptor);
  const { pid } = child;
  if (pid === undefined) {
    const cause = await failed;
    throw new TeeError('ERR_OCCLUM_NOT_FOUND', `occlum could not be started: ${cause.code ?? cause.message}`, {
      actual: executable.file,
      hint: 'Set OCCLUM_PATH to the folder of an Occlum installation, or OCCLUM_SIMULATION=1.',
      cause,
    });
  }
  rememberGroup(pid);
  // Thrown out of an event handler, a caller's error would end this whole process. It ends the command instead.
  let fault: { readonly error: unknown } | undefined;
  const guarded = (push: (chunk: Uint8Array) => void) => (chunk: Uint8Array) => {
    if (fault !== undefined) return;
    try {
      push(chunk);
    } catch (error) {
      fault = { error };
      void endGroup(pid, 0);
    }
  };
  child.stdout?.on('data', guarded(stdout.push));
  child.stderr?.on('data', guarded(stderr.push));
  const drained = Promise.all([closed(child.stdout), closed(child.stderr)]).then(() => true);

  let ending: Promise<void> | undefined;
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  }).then(async ({ code, signal }): Promise<CommandExit> => {
    // The tool itself dies of a SIGTERM at once; what it had started keeps the grace it was promised.
    await ending;
    if (!leavesServer) await endGroup(pid, 0);
    forgetGroup(pid);
    await inTurns(drained);
    child.stdout?.destroy();
    child.stderr?.destroy();
    if (fault !== undefined) throw fault.error;
    return { exitCode: code, signal, stdoutTail: stdout.tail.text(), stderrTail: stderr.tail.text() };
  });
  return {
    pid,
    exited,
    end: (graceMs) => {
      ending = endGroup(pid, graceMs);
      return ending;
    },
  };
}

async function inTurns(drained: Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < drainTurns; turn += 1) {
    if (await Promise.race([drained, delay(drainTurnMs, false)])) return;
  }
}

function closed(stream: NodeJS.ReadableStream | null): Promise<void> {
  return new Promise((resolve) => (stream === null ? resolve() : stream.once('close', resolve)));
}

function openSink(sink: OutputSink | undefined): {
  target: 'pipe' | number;
  descriptor?: number;
  tail: OutputTail;
  push(chunk: Uint8Array): void;
} {
  const tail = new OutputTail();
  if (typeof sink === 'object') {
    const descriptor = openSync(sink.file, 'a', 0o600);
    // The child gets the descriptor itself: a server must be able to write when this process is gone.
    return { target: descriptor, descriptor, tail, push: () => {} };
  }
  return {
    target: 'pipe',
    tail,
    push(chunk) {
      tail.push(chunk);
      sink?.(chunk);
    },
  };
}
