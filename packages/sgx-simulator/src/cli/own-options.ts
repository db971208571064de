import { describeFaults } from '../faults/fault-list.ts';
import { parseFaults } from '../faults/faults.ts';
import { failErr } from './failure.ts';

/**
 * Takes the options that only occlum-sim has and that stand before the sub-command, `--strict` and `--faults LIST`,
 * and hands them on as OCCLUM_SIM_STRICT and OCCLUM_SIM_FAULTS, which the processes it starts inherit.
 *
 * @returns the words from the sub-command on, or null when the list of faults was asked for and printed
 * @throws {CliFailure} for a fault that is not in the list, wherever it was named
 */
export function takeOwnOptions(words: string[], environment: NodeJS.ProcessEnv): string[] | null {
  const rest = [...words];
  while (rest[0] === '--strict' || rest[0] === '--faults') {
    if (rest.shift() === '--strict') {
      environment['OCCLUM_SIM_STRICT'] = '1';
      continue;
    }
    const list = rest.shift();
    if (list === undefined || list === '') throw failErr('Empty fault list provided');
    if (list === 'list') {
      process.stdout.write(describeFaults());
      return null;
    }
    environment['OCCLUM_SIM_FAULTS'] = list;
  }
  const faults = parseFaults(environment['OCCLUM_SIM_FAULTS'] ?? '');
  if ('wrong' in faults) throw failErr(`${faults.wrong} (occlum-sim --faults list names them all)`);
  return rest;
}
