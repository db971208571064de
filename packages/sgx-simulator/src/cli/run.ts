import type { InstanceLayout } from '../instance/layout.ts';
import { isHeld, takeLock } from '../instance/lock.ts';
import { runExitCode } from '../process/exit-code.ts';
import { watchParent } from '../process/watch-parent.ts';
import { bootFailureText, checkProgram } from '../sandbox/check-program.ts';
import { programEnvironment } from '../sandbox/environment.ts';
import { type OpenEnclave, openEnclave } from '../sandbox/open-enclave.ts';
import { startProgram } from '../sandbox/start-program.ts';
import { CliFailure, failOut } from './failure.ts';
import { builtInstance, writeStatus } from './instance-state.ts';
import { launchFailure } from './launch-failure.ts';
import { readLaunchOptions } from './launch-options.ts';

/** `occlum run [options] <program> [arguments]`: one program in a fresh enclave; its exit code is the command's. */
export async function runProgram(words: string[]): Promise<number> {
  const layout = builtInstance();
  const { options, rest } = readLaunchOptions(words);
  if (isHeld(layout.lock)) throw alreadyRunning();
  const [program, ...args] = rest;
  writeStatus(layout, 'running');
  if (program === undefined) {
    throw new CliFailure('[ERROR] occlum-run: at least one argument must be provided', 'stderr');
  }
  const release = takeLock(layout.lock);
  if (release === null) throw alreadyRunning();
  try {
    const enclave = await openEnclave(layout, options).catch((error: unknown) => {
      throw launchFailure(error);
    });
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
  const interrupt = (signal: NodeJS.Signals) => {
    interrupted ??= signal;
    running?.kill();
    void enclave.close();
  };
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;
  const handlers = signals.map((signal) => [signal, () => interrupt(signal)] as const);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  const stopWatching = watchParent(() => interrupt('SIGHUP'));
  let running: ReturnType<typeof startProgram> | undefined;
  try {
    const failure = checkProgram(program, enclave.config.entry_points, [layout.writable, layout.builtImage]);
    if (failure !== null) {
      process.stderr.write(bootFailureText(failure));
      return { code: 127 };
    }
    running = startProgram(enclave.handle, program, args, programEnvironment(enclave.config.env, process.env));
    const code = runExitCode(await running.ended);
    return interrupted === undefined ? { code } : { code, interrupted };
  } finally {
    await enclave.close();
    stopWatching();
    for (const [signal, handler] of handlers) process.off(signal, handler);
  }
}

function alreadyRunning(): CliFailure {
  return failOut(
    'the process of current Occlum instance is running. Need to wait for the process to finish or kill it first.',
  );
}
