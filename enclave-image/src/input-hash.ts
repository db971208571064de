import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type OcclumConfig, occlumConfigText, programFiles } from '@neo-service-layer/occlum-manager';
import type { BundledFile } from './bundle-runtime.ts';
import { recipeFile } from './recipe-files.ts';

/** Everything that decides what the image is, and who signed it. */
export interface ImageInputs {
  config: OcclumConfig;
  files: readonly BundledFile[];
  /** Host path of the Node binary; its libraries count too. */
  node: string;
  mrSigner: string;
  /** Host path of the occlum executable. */
  tool: string;
}

/**
 * SHA-256 over the inputs by content: dates and places of files do not count, since a file can change while its date
 * stays (occlum-contract §0.8). It spares work; what runs is proved by attestation.
 */
export async function hashInputs({ config, files, node, mrSigner, tool }: ImageInputs): Promise<string> {
  const named = async (name: string, path: string): Promise<string[]> => [name, await hashFile(path)];
  const parts = await Promise.all([
    named('bom.yaml', recipeFile('bom.yaml')),
    named('tool', tool),
    ...programFiles(node, '/bin/node').map(({ destination, source }) => named(destination, source)),
  ]);
  const bundle = files.map(({ name, sha256 }) => [name, sha256]);
  const all = ['enclave-image inputs/1', occlumConfigText(config), mrSigner, bundle, parts];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
