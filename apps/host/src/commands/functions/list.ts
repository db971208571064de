import { parseOptions, usage } from '../../cli/arguments.ts';
import { type ExitCode, printable } from '../../cli/output.ts';
import { table } from '../../cli/table.ts';
import { connectionOptions, withTee } from '../../users/tee-connection.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee functions list`: the user's functions. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(context.args, connectionOptions);
  if (positionals.length > 0) throw usage('functions list takes options only.');
  const functions = await withTee(context, values, (tee) => tee.listFunctions());
  context.output.document({ ok: true, functions });
  const rows = functions.map(({ functionId, functionHash, version, bytes }) => [
    functionId,
    functionHash,
    `version ${version}`,
    `${bytes} bytes`,
  ]);
  for (const line of table(rows)) context.output.line(printable(line));
  if (functions.length === 0) context.output.line('no functions');
  return 0;
}
