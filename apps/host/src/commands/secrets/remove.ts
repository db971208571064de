import { parseOptions, usage } from '../../cli/arguments.ts';
import { type ExitCode, printable } from '../../cli/output.ts';
import { connectionOptions, withTee } from '../../users/tee-connection.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee secrets rm`: remove a secret of the user. Exit code 2 when there was none. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(context.args, connectionOptions);
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw usage('secrets rm wants exactly one name.');
  const removed = await withTee(context, values, (tee) => tee.removeSecret({ name }));
  context.output.document({ ok: removed, name });
  context.output.line(removed ? `removed ${printable(name)}` : 'NO: there is no such secret.');
  return removed ? 0 : 2;
}
