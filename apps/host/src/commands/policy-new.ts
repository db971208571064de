import { parseOptions, usage } from '../cli/arguments.ts';
import type { ExitCode } from '../cli/output.ts';
import { writePolicy } from '../cli/policy-file.ts';
import { builderPolicy } from '../enclave/open.ts';
import { prepareEnclave } from '../enclave/prepare.ts';
import type { CommandContext } from './command.ts';

/** `neo-tee policy new`: the policy of whoever builds the image, exactly its measurement. */
export async function run({ args, output, settings }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, { out: 'value' });
  if (positionals.length > 0) throw usage('policy new takes options only.');
  const { mrEnclave } = await prepareEnclave(settings, (text) => output.progress(text));
  const policy = builderPolicy(mrEnclave, settings);
  if (values.out !== undefined) writePolicy(values.out, policy);
  output.document({ ok: true, policy, file: values.out ?? null });
  output.line(values.out ?? JSON.stringify(policy, null, 2));
  return 0;
}
