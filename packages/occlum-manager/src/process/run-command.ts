import { TeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';
import { recogniseBuildFailure } from './build-failure.ts';
import { recogniseFailure } from './diagnosis.ts';
import { type CommandExit, launch, type OcclumCommand } from './launch.ts';

/**
 * Runs a command of occlum to its end.
 *
 * @param options.signal ends the command and everything it started
 * @param options.code code of the error when the command fails
 * @param options.onStart told the process number once there is one
 * @throws TeeError `options.code` (default ERR_OCCLUM_COMMAND) when it does not exit with 0: with command line, exit
 *   code, the end of its output and, where the failure is known, what to do; ERR_OCCLUM_ABORTED when aborted; what a
 *   callback of the caller threw, which ends the command
 */
export async function runCommand(
  command: OcclumCommand,
  options: { signal?: AbortSignal | undefined; code?: TeeErrorCode; onStart?: (pid: number) => void } = {},
): Promise<CommandExit> {
  const { signal } = options;
  if (signal?.aborted) throw aborted(command);
  const launched = await launch(command);
  try {
    options.onStart?.(launched.pid);
  } catch (error) {
    await launched.end(0);
    await launched.exited.catch(() => {});
    throw error;
  }
  const abort = (): void => void launched.end(500);
  signal?.addEventListener('abort', abort, { once: true });
  // An abort during the launch fired before anyone listened.
  if (signal?.aborted) abort();
  const exit = await launched.exited.finally(() => signal?.removeEventListener('abort', abort));
  if (signal?.aborted) throw aborted(command);
  if (exit.exitCode !== 0) throw commandFailure(command, exit, options.code);
  return exit;
}

/** The error of a command that failed. */
function commandFailure(command: OcclumCommand, exit: CommandExit, code?: TeeErrorCode): TeeError {
  const { stdoutTail, stderrTail } = exit;
  const build = command.args[0] === 'build' ? recogniseBuildFailure(stdoutTail, stderrTail) : null;
  const found = build ?? recogniseFailure(stdoutTail, stderrTail);
  const end = exit.signal === null ? `exit code ${exit.exitCode}` : exit.signal;
  const hint = found?.hint ?? (exit.exitCode === 137 ? 'It was killed, most likely for want of memory.' : undefined);
  return new TeeError(code ?? 'ERR_OCCLUM_COMMAND', `occlum ${command.args[0]}: ${found?.meaning ?? end}`, {
    actual: end,
    ...(hint === undefined ? {} : { hint }),
    details: {
      command: [command.executable.file, ...command.executable.firstArguments, ...command.args],
      cwd: command.cwd,
      exitCode: exit.exitCode,
      signal: exit.signal,
      stdout: stdoutTail.slice(-2000),
      stderr: stderrTail.slice(-2000),
    },
  });
}

function aborted(command: OcclumCommand): TeeError {
  return new TeeError('ERR_OCCLUM_ABORTED', `occlum ${command.args[0]} was ended by its AbortSignal`);
}
