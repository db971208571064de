import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import * as z from 'zod';
import { ownFolder } from './recipe-files.ts';

/** The code of the enclave's program. */
export interface RuntimeCode {
  /** By the names that they have in `/app`. */
  files: ReadonlyMap<string, Uint8Array>;
  /** `name@version`, sorted. */
  packages: readonly string[];
}

const names = ['quickjs.wasm', 'runtime.mjs', 'sandbox-worker.mjs'] as const;
const packagesSchema = z.array(z.string());

const folder = () => join(ownFolder(), 'dist', 'app');

/**
 * The code that this package was published with; null in a checkout, where it is bundled of what was built. What is measured
 * must not depend on how somebody's package manager chose versions of dependencies: so the published package has all of it.
 *
 * @throws {TeeError} ERR_OCCLUM_IMAGE when it is there and cannot be read
 */
export async function publishedCode(): Promise<RuntimeCode | null> {
  if (!/[\\/]node_modules[\\/]/.test(ownFolder()) || !existsSync(folder())) return null;
  try {
    const files = await Promise.all(names.map(async (name) => [name, await readFile(join(folder(), name))] as const));
    const packages = packagesSchema.parse(JSON.parse(await readFile(join(folder(), 'packages.json'), 'utf8')));
    return { files: new Map(files), packages };
  } catch (cause) {
    throw new TeeError('ERR_OCCLUM_IMAGE', 'The code of the enclave that came with enclave-image cannot be read.', {
      hint: 'Install the package anew.',
      cause,
    });
  }
}

/** Writes the code down for the package to be published with. */
export async function writePublishedCode({ files, packages }: RuntimeCode): Promise<void> {
  await rm(folder(), { recursive: true, force: true });
  await mkdir(folder(), { recursive: true });
  for (const [name, bytes] of files) await writeFile(join(folder(), name), bytes);
  await writeFile(join(folder(), 'packages.json'), `${JSON.stringify(packages, null, 2)}\n`);
}
