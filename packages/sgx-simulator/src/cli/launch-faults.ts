import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultName } from '../faults/fault-list.ts';
import { currentFaults } from '../faults/faults.ts';
import { createEnclaveError } from '../faults/sgx-error.ts';
import type { InstanceLayout } from '../instance/layout.ts';
import { CliFailure, failOut } from './failure.ts';
import { builtMode } from './instance-state.ts';

const sgxFaults: [FaultName, number][] = [
  ['no-device', 0x2006],
  ['out-of-epc', 0x2004],
  ['mode-mismatch', 0x200e],
];

/** The check for AESM that the occlum script makes before it launches anything. @throws {CliFailure} under no-aesm */
export function checkAesm(layout: InstanceLayout): void {
  if (builtMode(layout) === 'SIM' || !currentFaults().has('no-aesm')) return;
  throw failOut('AESM service is not started yet. Need to start it first');
}

/** What the launcher meets on its way to an enclave that is up: the faults of `run` and `start`. @throws {CliFailure} */
export async function meetLaunchFaults(): Promise<void> {
  const faults = currentFaults();
  if (faults.has('no-fsgsbase')) throw launcherFailure('[ERROR] occlum-pal: FSGSBASE enablement check failed.');
  for (const [name, status] of sgxFaults) if (faults.has(name)) throw launcherFailure(createEnclaveError(status));
  const status = faults.get('sgx-error');
  if (status !== undefined) throw launcherFailure(createEnclaveError(Number(status)));
  const slow = faults.get('slow-start');
  if (slow !== undefined) await sleep(Number(slow) * 1000);
  if (faults.has('init-failed')) throw launcherFailure('[ERROR] occlum-pal: The init process exit with code: 1');
}

function launcherFailure(line: string): CliFailure {
  return new CliFailure(line, 'stderr');
}
