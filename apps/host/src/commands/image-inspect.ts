import { parseOptions, usage } from '../cli/arguments.ts';
import type { ExitCode } from '../cli/output.ts';
import { openInstance } from '../enclave/instance.ts';
import type { CommandContext } from './command.ts';
import { showImage } from './instance/inspect.ts';

/** `neo-tee image inspect`: every file of the enclave image, with sizes and hashes. */
export async function run({ args, output, settings }: CommandContext): Promise<ExitCode> {
  const { positionals } = parseOptions(args, {});
  if (positionals.length > 0) throw usage('image inspect takes options only; instance inspect takes a folder.');
  return showImage(await openInstance(settings, settings.instanceDir), output);
}
