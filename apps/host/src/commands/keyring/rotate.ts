import { parseOptions, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { showKeyring, withKeyring } from '../../keyring/with-keyring.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee keyring rotate`: a new generation seals from now on; what was sealed before still opens. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { positionals } = parseOptions(context.args, {});
  if (positionals.length > 0) throw usage('keyring rotate takes options only.');
  return withKeyring(context.settings, context, async (keyring) => showKeyring(context.output, await keyring.rotate()));
}
