import { join } from 'node:path';
import type { EnclaveProgram } from '@neo-service-layer/occlum-interface';
import { copyInstance } from '../relay/instance-copy.ts';
import { openInstance } from './instance.ts';
import { prepareEnclave } from './prepare.ts';
import type { HostSettings } from './settings.ts';

/** One enclave of a pool, ready to be launched. */
export type PoolProgram = EnclaveProgram & { mrEnclave: string };

/**
 * Builds the image if it is stale, and gives so many enclaves of it, which can run at once: the instance itself, and
 * copies of it (about 100 MB each).
 * @throws {TeeError} as building and copying
 */
export async function preparePool(
  settings: HostSettings,
  count: number,
  onProgress: (text: string) => void,
): Promise<PoolProgram[]> {
  return poolOf(settings, await prepareEnclave(settings, onProgress), count, onProgress);
}

/** So many enclaves of an image that is built: its instance, and copies of it. @throws {TeeError} as copying */
export async function poolOf(
  settings: HostSettings,
  image: PoolProgram,
  count: number,
  onProgress: (text: string) => void,
): Promise<PoolProgram[]> {
  const programs: PoolProgram[] = [image];
  for (let number = 2; number <= count; number += 1) {
    const dir = join(settings.copiesDir, `${number}.inst`);
    if (await copyInstance(settings.instanceDir, dir)) onProgress(`copied the instance for enclave ${number}`);
    const { program, args, mrEnclave } = image;
    programs.push({ instance: await openInstance(settings, dir), program, args, mrEnclave });
  }
  return programs;
}
