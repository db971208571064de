import type { Finding } from './finding.ts';
import { type Machine, thisMachine } from './machine.ts';
import { machineChecks, userNamespaces } from './machine-checks.ts';
import { nodeBinary, occlumExecutable } from './occlum-checks.ts';
import { sgxChecks } from './sgx-checks.ts';

/** What {@link diagnose} looks at. */
export interface DiagnoseOptions {
  /** Check what simulation needs, or what hardware needs. */
  simulation: boolean;
  /** Node binary that is to run in the enclave; default the one that runs this. */
  nodePath?: string;
  /** Another machine than this, for tests. */
  machine?: Partial<Machine>;
}

/**
 * Looks whether this machine can run enclaves, and says for everything that is missing what to type next. Only looks:
 * changes nothing and starts no enclave.
 */
export async function diagnose(options: DiagnoseOptions): Promise<Finding[]> {
  const machine = thisMachine(options.machine);
  const { simulation, nodePath = process.execPath } = options;
  const tool = await occlumExecutable(machine, simulation);
  return [
    ...machineChecks(machine),
    tool,
    nodeBinary(nodePath, simulation),
    ...(simulation ? [userNamespaces()] : sgxChecks(machine)),
  ];
}
