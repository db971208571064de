import { parseOptions, usage } from '../../cli/arguments.ts';
import { type ExitCode, printable } from '../../cli/output.ts';
import { connectionOptions, withTee } from '../../users/tee-connection.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee functions remove`: a function of the user and what it kept. Exit code 2 when there was none. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(context.args, connectionOptions);
  const [functionId, ...more] = positionals;
  if (functionId === undefined || more.length > 0) throw usage('functions remove wants exactly one function.');
  const removed = await withTee(context, values, (tee) => tee.removeFunction({ functionId }));
  context.output.document({ ok: removed, functionId });
  context.output.line(removed ? `removed ${printable(functionId)}` : 'NO: there is no such function.');
  return removed ? 0 : 2;
}
