import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { buildEnclaveImage, type EnclaveImage, startProgram } from '@neo-service-layer/enclave-image';
import type { EnclaveProgram } from '@neo-service-layer/occlum-interface';
import { generateSigningKey } from '@neo-service-layer/occlum-manager';
import { TeeError } from '@neo-service-layer/tee-interface';
import { readRecipe } from './image-recipe.ts';
import { locateManager } from './instance.ts';
import type { HostSettings } from './settings.ts';

/** Builds the enclave image if it is stale and returns it ready to be launched, with what it measures to. */
export async function prepareEnclave(
  settings: HostSettings,
  onProgress: (text: string) => void = () => {},
): Promise<EnclaveImage> {
  const { instanceDir, signKeyFile, recipeFile } = settings;
  const manager = await locateManager(settings);
  await mkdir(dirname(instanceDir), { recursive: true });
  await generateSigningKey(signKeyFile);
  return buildEnclaveImage({ instanceDir, manager, signKeyFile, onProgress, ...(await readRecipe(recipeFile)) });
}

/**
 * The enclave as it was built, whatever this version of the program would build: an old enclave has to hand its keyring
 * over as the one that sealed it.
 *
 * @throws {TeeError} ERR_OCCLUM_INSTANCE, ERR_OCCLUM_NOT_BUILT
 */
export async function builtEnclave(settings: HostSettings): Promise<EnclaveProgram & { mrEnclave: string }> {
  const instance = await (await locateManager(settings)).openInstance(settings.instanceDir);
  const { build, reason } = await instance.status();
  if (build !== null) return { instance, ...startProgram, mrEnclave: build.mrEnclave };
  throw new TeeError('ERR_OCCLUM_NOT_BUILT', `The enclave "${settings.instance}" is not built.`, {
    actual: reason ?? 'nothing is built',
    hint: `TEE_INSTANCE=${settings.instance} neo-tee image build builds it.`,
  });
}
