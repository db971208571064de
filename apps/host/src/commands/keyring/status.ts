import { parseOptions, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { showKeyring, withKeyring } from '../../keyring/with-keyring.ts';
import type { CommandContext } from '../command.ts';

/**
 * `neo-tee keyring status`: which keyring the enclave seals with, asked through the attested channel. Exit code 2 when
 * it has one that cannot be opened.
 */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { positionals } = parseOptions(context.args, {});
  if (positionals.length > 0) throw usage('keyring status takes options only; TEE_INSTANCE names the enclave.');
  return withKeyring(context.settings, context, async (_keyring, enclave) => {
    const { keyring, mrEnclave, isvSvn } = await enclave.getInfo();
    context.output.line(`  MRENCLAVE ${mrEnclave}, security version ${isvSvn}`);
    return showKeyring(context.output, keyring, { mrEnclave, isvSvn });
  });
}
