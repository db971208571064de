import { createHash } from 'node:crypto';
import {
  hashFile,
  type OcclumConfig,
  type OcclumManager,
  occlumConfigText,
  programFiles,
} from '@neo-service-layer/occlum-manager';
import type { BundledFile } from './bundle-runtime.ts';
import { recipeFile } from './recipe-files.ts';

/** Everything that decides what the image is, and who signed it. */
export interface ImageInputs {
  config: OcclumConfig;
  files: readonly BundledFile[];
  mrSigner: string;
  /** See {@link hashHostFiles}. */
  hostFiles: readonly (readonly [name: string, sha256: string])[];
}

/**
 * Names and hashes of the inputs that lie on the host and are not bundled: the recipe, the tool, Node and its libraries.
 *
 * @param node host path of the Node binary
 * @param manager of the occlum that builds
 */
export async function hashHostFiles(
  node: string,
  { executable, programLoader: loader }: Pick<OcclumManager, 'executable' | 'programLoader'>,
): Promise<ImageInputs['hostFiles']> {
  const named = async (name: string, path: string): Promise<[string, string]> => [name, await hashFile(path)];
  return await Promise.all([
    named('bom.yaml', recipeFile('bom.yaml')),
    named('tool', executable),
    ...programFiles(node, '/bin/node', { loader }).map(({ destination, source }) => named(destination, source)),
  ]);
}

/**
 * SHA-256 over the inputs by content: dates and places of files do not count, since a file can change while its date
 * stays (occlum-contract §0.8). It spares work; what runs is proved by attestation.
 */
export function hashInputs({ config, files, mrSigner, hostFiles }: ImageInputs): string {
  const bundle = files.map(({ name, sha256 }) => [name, sha256]);
  const all = ['enclave-image inputs/1', occlumConfigText(config), mrSigner, bundle, hostFiles];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}
