import { parseOptions, splitProgram, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { openInstance } from '../../enclave/instance.ts';
import type { CommandContext } from '../command.ts';
import { finish, programOptions } from './program.ts';

/** `neo-tee instance run`: a program in an enclave of its own, with its output on this one's. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const kinds = { env: 'list' } as const;
  const { own, rest } = splitProgram(context.args, kinds, 2);
  const { values, positionals } = parseOptions(own, kinds);
  const [dir, program] = positionals;
  if (dir === undefined || program === undefined) throw usage('instance run wants a folder and a program.');
  const instance = await openInstance(context.settings, dir);
  const running = await instance.run(program, rest, programOptions(context, values.env));
  return finish(context.output, await running.exited);
}
