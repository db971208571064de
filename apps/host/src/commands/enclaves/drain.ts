import { parseOptions, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { askControl, bodyOf } from '../../control/control-client.ts';
import { controlSocketPath } from '../../control/control-socket.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee enclaves drain`: takes one enclave of a running host out, and starts a fresh one in its place. */
export async function run({ args, output, settings }: CommandContext): Promise<ExitCode> {
  const { positionals } = parseOptions(args, {});
  const [number, ...more] = positionals;
  if (number === undefined || more.length > 0 || !/^[1-9]\d?$/.test(number)) {
    throw usage('enclaves drain takes the number of an enclave, as neo-tee status shows it.');
  }
  await bodyOf(await askControl(controlSocketPath(settings), 'POST', `/enclaves/${number}/drain`));
  output.document({ ok: true, number: Number(number) });
  output.line(`Enclave ${number} was drained and ended; a fresh one serves in its place.`);
  return 0;
}
