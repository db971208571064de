import { parseOptions, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { showKeyring, withKeyring } from '../../keyring/with-keyring.ts';
import type { CommandContext } from '../command.ts';

/**
 * `neo-tee keyring renew`: a new keyring for an enclave that cannot open its own. What the old one sealed stays closed;
 * its file is kept, for the day when it can be opened again.
 */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { positionals } = parseOptions(context.args, {});
  if (positionals.length > 0) throw usage('keyring renew takes options only.');
  return withKeyring(context.settings, context, async (keyring) => showKeyring(context.output, await keyring.renew()));
}
