import { CliFailure } from './failure.ts';

/** A step of the build that failed: what its tool said, what make adds, and make's exit code. */
export function makeFailure(words: string, target: string, toolExitCode: number): CliFailure {
  return new CliFailure(`${words}\nmake: *** [${target}] Error ${toolExitCode}`, 'stderr', 2);
}
