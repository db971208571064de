import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { OcclumInstance, OcclumManager } from '@neo-service-layer/occlum-manager';
import { isTeeError } from '@neo-service-layer/tee-interface';

/** Opens the instance in a folder, or makes it; of several processes that make it at once, all get the same one. */
export async function openOrCreate(manager: OcclumManager, dir: string): Promise<OcclumInstance> {
  if (await exists(dir)) return await manager.openInstance(dir);
  await mkdir(dirname(dir), { recursive: true });
  try {
    return await manager.createInstance(dir);
  } catch (error) {
    if (isTeeError(error) && error.code === 'ERR_OCCLUM_INSTANCE' && (await exists(dir))) {
      return await manager.openInstance(dir);
    }
    throw error;
  }
}

async function exists(dir: string): Promise<boolean> {
  return (await stat(join(dir, '.__occlum_status')).catch(() => undefined)) !== undefined;
}
