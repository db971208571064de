import { writeFileSync } from 'node:fs';
import { TeeError } from '@neo-service-layer/tee-interface';
import type { OcclumConfig } from '../instance/occlum-json.ts';
import { parseSize } from '../instance/size.ts';
import { launcherExecutable } from './launcher.ts';
import { seccompFilter } from './seccomp-filter.ts';

/** Whether programs get the limits of the LibOS: `--strict`, or OCCLUM_SIM_STRICT=1. */
export function isStrict(environment: NodeJS.ProcessEnv = process.env): boolean {
  return environment['OCCLUM_SIM_STRICT'] === '1';
}

/**
 * Threads that programs may have together: one of the enclave's thread control structures is the LibOS's own, for its
 * interrupt thread.
 */
export function threadLimit(config: OcclumConfig): number {
  return config.resource_limits.max_num_of_threads - 1;
}

/**
 * Writes the executable through which strict programs are started, see launcher.ts. Every process gets user_space_size
 * as address space; in Occlum all of them share it.
 *
 * @throws {TeeError} ERR_ENCLAVE_START on another machine than x86-64, whose system calls the filter does not know
 */
export function writeLauncher(path: string, config: OcclumConfig): void {
  if (process.arch !== 'x64') {
    throw new TeeError('ERR_ENCLAVE_START', 'occlum-sim --strict knows the system calls of x86-64 only.', {
      actual: process.arch,
    });
  }
  const { user_space_size: size, user_space_max_size: max } = config.resource_limits;
  const addressSpace = parseSize(max ?? size) ?? 0;
  writeFileSync(path, launcherExecutable({ addressSpace, filter: seccompFilter() }), { mode: 0o755 });
}
