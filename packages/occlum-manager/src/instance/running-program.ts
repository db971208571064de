import { TeeError } from '@neo-service-layer/tee-interface';
import { decodeExit, type ExitReport } from '../process/exit-report.ts';
import { launch, type OcclumCommand } from '../process/launch.ts';

/** A program in the enclave that was started by this process. */
export interface RunningProgram {
  /** Of occlum on the host, and of its process group. */
  readonly pid: number;
  /**
   * Settles once, when the program and everything that was started for it has ended. Rejects only with what the
   * caller's own stdout or stderr callback threw, which ends the program; nobody need wait for it.
   */
  readonly exited: Promise<ExitReport>;
  /**
   * Ends the program: SIGTERM to its process group (and nothing else), SIGKILL when some of it is left after
   * `graceMs`. The LibOS is not told of either, so what must be flushed should be asked for by message first
   * (occlum-contract §1.6).
   */
  stop(options?: { graceMs?: number }): Promise<void>;
}

/**
 * Starts `occlum run` or `occlum exec`.
 *
 * @param after called when everything has ended, before `exited` settles
 */
export async function startProgram(
  command: OcclumCommand,
  kind: 'run' | 'exec',
  signal: AbortSignal | undefined,
  after: () => Promise<void>,
): Promise<RunningProgram> {
  if (signal?.aborted)
    throw new TeeError('ERR_OCCLUM_ABORTED', `occlum ${kind} was not started: it was aborted before`);
  const launched = await launch(command);
  const abort = (): void => void launched.end(500);
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  const exited = launched.exited
    .finally(async () => {
      signal?.removeEventListener('abort', abort);
      await after();
    })
    .then((exit) => decodeExit({ command: kind, ...exit }));
  // Whoever waits for it is told; a caller who does not wait must not lose its process to it.
  exited.catch(() => {});
  return {
    pid: launched.pid,
    exited,
    stop: async ({ graceMs = 3000 } = {}) => {
      await launched.end(graceMs);
      await exited.catch(() => {});
    },
  };
}
