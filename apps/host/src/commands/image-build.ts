import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseOptions, usage } from '../cli/arguments.ts';
import type { ExitCode } from '../cli/output.ts';
import { table } from '../cli/table.ts';
import { readRecipe, writeRecipe } from '../enclave/image-recipe.ts';
import { prepareEnclave } from '../enclave/prepare.ts';
import { keyringWords, recipeOf, recipeOptions } from '../keyring/recipe-options.ts';
import type { CommandContext } from './command.ts';

/**
 * `neo-tee image build`: build the enclave image and say what it measures to and what is in it. What the options ask
 * for is written down for the instance and holds for its later builds, until options are given again.
 */
export async function run({ args, output, settings }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, recipeOptions);
  if (positionals.length > 0) throw usage('image build takes options only; instance build takes a folder.');
  if (Object.keys(values).length > 0) {
    const recipe = await recipeOf(values, settings);
    await mkdir(dirname(settings.recipeFile), { recursive: true });
    await writeRecipe(settings.recipeFile, recipe);
  }
  const { mrEnclave, mrSigner, packages, files, rebuilt } = await prepareEnclave(settings, (text) =>
    output.progress(text),
  );
  const mode = settings.simulation ? 'simulation' : 'hardware';
  const { instanceDir } = settings;
  const configuration = JSON.parse((await readRecipe(settings.recipeFile)).configuration);
  output.document({ ok: true, mode, mrEnclave, mrSigner, rebuilt, configuration, packages, files, instanceDir });
  output.line(rebuilt ? 'built' : 'up to date');
  for (const line of table([
    ['mode', mode],
    ['MRENCLAVE', mrEnclave],
    ['MRSIGNER', mrSigner],
    ['instance', instanceDir],
    ['keyring', keyringWords(configuration.keyring)],
  ]))
    output.line(line);
  output.line('bundled packages:');
  for (const name of packages) output.line(`  ${name}`);
  output.line('bundled files:');
  for (const line of table(files.map(({ name, bytes, sha256 }) => [name, String(bytes), sha256]))) output.line(line);
  return 0;
}
