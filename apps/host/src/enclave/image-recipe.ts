import { readFile, writeFile } from 'node:fs/promises';
import { imageConfigurationText } from '@neo-service-layer/enclave-runtime';
import { TeeError } from '@neo-service-layer/tee-interface';
import * as z from 'zod';

const u16 = z.int().min(0).max(0xffff);
const recipeSchema = z.strictObject({
  productId: u16.optional(),
  securityVersion: u16.optional(),
  /** Of enclave-runtime, which checks it. */
  configuration: z.record(z.string(), z.unknown()),
});

/** What an image was asked to be beside its code: its identity and its configuration. All of it is measured. */
export interface ImageRecipe {
  productId?: number | undefined;
  securityVersion?: number | undefined;
  /** Text of the image's configuration file. */
  configuration: string;
}

/** The recipe that `image build` wrote down for an instance; one that asks for nothing when there is none. @throws {TeeError} ERR_INVALID_ARGUMENT */
export async function readRecipe(file: string): Promise<ImageRecipe> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw refused(file, cause);
  });
  if (text === null) return { configuration: imageConfigurationText({}) };
  try {
    const { configuration, ...identity } = recipeSchema.parse(JSON.parse(text));
    return { ...identity, configuration: imageConfigurationText(configuration) };
  } catch (cause) {
    throw refused(file, cause);
  }
}

/** Writes a recipe down. Its configuration was made by `imageConfigurationText`. */
export async function writeRecipe(file: string, { configuration, ...identity }: ImageRecipe): Promise<void> {
  await writeFile(file, `${JSON.stringify({ ...identity, configuration: JSON.parse(configuration) }, null, 2)}\n`);
}

function refused(file: string, cause: unknown): TeeError {
  return new TeeError('ERR_INVALID_ARGUMENT', `${file} does not say what the image shall be.`, {
    hint: 'neo-tee image build with its options writes it anew.',
    cause,
  });
}
