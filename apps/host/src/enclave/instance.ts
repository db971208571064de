import { type OcclumInstance, OcclumManager } from '@neo-service-layer/occlum-manager';
import type { HostSettings } from './settings.ts';

/** The manager that the settings ask for. @throws {TeeError} ERR_OCCLUM_NOT_FOUND */
export function locateManager({ simulation, rootfs, platformDir }: HostSettings): Promise<OcclumManager> {
  return OcclumManager.locate({ simulation, platformDir, ...(simulation ? { rootfs } : {}) });
}

/** An instance of the user's own. @throws {TeeError} ERR_OCCLUM_NOT_FOUND, ERR_OCCLUM_INSTANCE */
export async function openInstance(settings: HostSettings, dir: string): Promise<OcclumInstance> {
  return (await locateManager(settings)).openInstance(dir);
}
