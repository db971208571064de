import { CliFailure } from './failure.ts';
import { builtInstance, writeStatus } from './instance-state.ts';

/** `occlum gdb`: what the script does on a machine without sgx-gdb, whose work a simulated enclave does not need. */
export async function debugProgram(): Promise<number> {
  writeStatus(builtInstance(), 'debugging');
  throw new CliFailure('occlum: /opt/occlum/sgxsdk-tools/bin/sgx-gdb: No such file or directory', 'stderr', 127);
}
