import { parseOptions, usage } from '../../cli/arguments.ts';
import { type ExitCode, printable } from '../../cli/output.ts';
import { table } from '../../cli/table.ts';
import { connectionOptions, withTee } from '../../users/tee-connection.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee users list`: an administrator's view of the users. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(context.args, { ...connectionOptions, after: 'value' });
  if (positionals.length > 0) throw usage('users list takes options only.');
  const after = values.after === undefined ? {} : { after: values.after };
  const users = await withTee(context, values, (tee) => tee.listUsers(after));
  context.output.document({ ok: true, users });
  const rows = users.map(({ userId, publicKey, registered, stored }) => [
    userId,
    publicKey,
    registered,
    `${stored.entries} entries, ${stored.bytes} bytes`,
  ]);
  for (const line of table(rows)) context.output.line(printable(line));
  if (users.length === 100) context.output.line(`more with --after ${users.at(-1)?.userId ?? ''}`);
  return 0;
}
