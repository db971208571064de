import { parseOptions, usage } from '../../cli/arguments.ts';
import { type ExitCode, printable } from '../../cli/output.ts';
import { table } from '../../cli/table.ts';
import { connectionOptions, withTee } from '../../users/tee-connection.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee secrets list`: names and sizes of the user's secrets. Nobody can read their values, the user neither. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(context.args, connectionOptions);
  if (positionals.length > 0) throw usage('secrets list takes options only.');
  const secrets = await withTee(context, values, (tee) => tee.listSecrets());
  context.output.document({ ok: true, secrets });
  const rows = secrets.map(({ name, bytes, version }) => [name, `${bytes} bytes`, `version ${version}`]);
  for (const line of table(rows)) context.output.line(printable(line));
  if (secrets.length === 0) context.output.line('no secrets');
  return 0;
}
