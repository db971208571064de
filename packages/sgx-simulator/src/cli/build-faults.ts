import type { BuildStep } from '../faults/fault-list.ts';
import { currentFaults } from '../faults/faults.ts';
import { CliFailure } from './failure.ts';
import { makeFailure } from './make-failure.ts';

/** Where a step of the build fails when it was told to. @throws {CliFailure} rc 2, as make; or does not come back */
export function meetBuildFault(step: BuildStep, target: string): void {
  const faults = currentFaults();
  if (faults.get('build-killed') === step) process.kill(process.pid, 'SIGKILL');
  if (faults.get('build-out-of-memory') === step) throw makeFailure('Killed', target, 137);
  if (faults.get('disk-full') === step) throw makeFailure(`${target}: No space left on device`, target, 1);
}

/** Turns a disk that is really full into what a tool under make says; any other error is returned as it is. */
export function buildFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof CliFailure) return error;
  const { code, path } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' ? makeFailure(`${path ?? ''}: No space left on device`, path ?? '', 1) : error;
}
