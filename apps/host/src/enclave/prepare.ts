import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { buildEnclaveImage, type EnclaveImage } from '@neo-service-layer/enclave-image';
import { generateSigningKey, OcclumManager } from '@neo-service-layer/occlum-manager';
import type { HostSettings } from './settings.ts';

/** Builds the enclave image if it is stale and returns it ready to be launched, with what it measures to. */
export async function prepareEnclave(
  settings: HostSettings,
  onProgress: (text: string) => void = () => {},
): Promise<EnclaveImage> {
  const { simulation, platformDir, rootfs, instanceDir, signKeyFile } = settings;
  const manager = await OcclumManager.locate({ simulation, platformDir, rootfs });
  await mkdir(dirname(instanceDir), { recursive: true });
  await generateSigningKey(signKeyFile);
  return buildEnclaveImage({ instanceDir, manager, signKeyFile, onProgress });
}
