import type { InstanceLayout } from '../instance/layout.ts';
import { isHeld, noteSandbox, takeLock } from '../instance/lock.ts';
import { runExitCode } from '../process/exit-code.ts';
import { watchParent } from '../process/watch-parent.ts';
import { bootFailureText, checkProgram } from '../sandbox/check-program.ts';
import { programEnvironment } from '../sandbox/environment.ts';
import { type OpenEnclave, openEnclave } from '../sandbox/open-enclave.ts';
import { type RunningProgram, startProgram } from '../sandbox/start-program.ts';
import { watchThreads } from '../strict/watch-threads.ts';
import { CliFailure, failOut } from './failure.ts';
import { builtInstance, writeStatus } from './instance-state.ts';
import { launchFailure } from './launch-failure.ts';
import { checkAesm, meetLaunchFaults } from './launch-faults.ts';
import { readLaunchOptions, tellWeakStrict } from './launch-options.ts';
import { launchersOf, serversOf } from './liveness.ts';
import { outOfTcs, programFault, watchEnclaveLoss } from './program-faults.ts';

/** Exit code of the launcher when it cannot start a program, or its threads fall out of the enclave. */
const launcherError = 127;

/** `occlum run [options] <program> [arguments]`: one program in a fresh enclave; its exit code is the command's. */
export async function runProgram(words: string[]): Promise<number> {
  const layout = builtInstance();
  const { options, rest } = readLaunchOptions(words);
  checkAesm(layout);
  if (launchersOf(layout.root).length > 0) throw alreadyRunning();
  if (isHeld(layout.lock)) throw serversOf(layout.root).length > 0 ? openedTwice() : alreadyRunning();
  const [program, ...args] = rest;
  writeStatus(layout, 'running');
  if (program === undefined) {
    throw new CliFailure('[ERROR] occlum-run: at least one argument must be provided', 'stderr');
  }
  const release = takeLock(layout.lock);
  if (release === null) throw alreadyRunning();
  try {
    tellWeakStrict(options);
    await meetLaunchFaults();
    const enclave = await openEnclave(layout, options).catch((error: unknown) => {
      throw launchFailure(error);
    });
    if (enclave.handle.rootfs === 'image') noteSandbox(layout.lock, enclave.handle.init);
    const { code, interrupted } = await runIn(enclave, layout, program, args);
    release();
    // The genuine launcher has no handlers: it dies of the signal, and so does this one, once it has cleaned up.
    if (interrupted !== undefined) process.kill(process.pid, interrupted);
    if (code === 0) writeStatus(layout, 'built');
    return code;
  } finally {
    release();
  }
}

async function runIn(
  enclave: OpenEnclave,
  layout: InstanceLayout,
  program: string,
  args: string[],
): Promise<{ code: number; interrupted?: NodeJS.Signals }> {
  let interrupted: NodeJS.Signals | undefined;
  let running: RunningProgram | undefined;
  const interrupt = (signal: NodeJS.Signals) => {
    interrupted ??= signal;
    running?.kill();
    void enclave.close();
  };
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;
  const handlers = signals.map((signal) => [signal, () => interrupt(signal)] as const);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  const stopWatching = watchParent(() => interrupt('SIGHUP'));
  try {
    const refused = refusal(enclave, program);
    if (refused !== null) {
      process.stderr.write(refused);
      return { code: launcherError };
    }
    running = startProgram(enclave.handle, program, args, programEnvironment(enclave.config.env, process.env));
    if (enclave.handle.rootfs === 'none' && running.pid !== undefined) noteSandbox(layout.lock, running.pid);
    const { code, lost } = await follow(enclave, running);
    if (interrupted !== undefined) return { code, interrupted };
    return { code: lost ? launcherError : code };
  } finally {
    await enclave.close();
    stopWatching();
    for (const [signal, handler] of handlers) process.off(signal, handler);
  }
}

/** What the launcher says instead of starting the program; null when it starts it. */
function refusal(enclave: OpenEnclave, program: string): string | null {
  const failure = checkProgram(program, { entryPoints: enclave.config.entry_points, ...enclave.programs });
  return failure === null ? programFault() : bootFailureText(failure);
}

/** Waits for the program's end, which comes early when the enclave is lost or has too many threads. */
async function follow(enclave: OpenEnclave, running: RunningProgram): Promise<{ code: number; lost: boolean }> {
  let lost = false;
  const end = () => {
    lost = true;
    running.kill();
  };
  const stopClock = watchEnclaveLoss(end);
  const stopCounting = watchThreads(running.programs, enclave.threadLimit, (pid) => {
    process.stderr.write(outOfTcs(pid));
    end();
  });
  try {
    const code = runExitCode(await running.ended);
    return { code, lost };
  } finally {
    stopClock();
    stopCounting();
  }
}

/** With a server up the script lets `run` through, and the file system refuses to be opened twice (issues 547, 1277). */
function openedTwice(): CliFailure {
  return new CliFailure(
    '[ERROR] occlum-pal: Failed to run the init process: EWOULDBLOCK (the file systems of the instance are in use by its server)',
    'stderr',
  );
}

function alreadyRunning(): CliFailure {
  return failOut(
    'the process of current Occlum instance is running. Need to wait for the process to finish or kill it first.',
  );
}
