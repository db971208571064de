import { parseOptions, splitProgram, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { openInstance } from '../../enclave/instance.ts';
import type { CommandContext } from '../command.ts';
import { finish, programOptions } from './program.ts';

/** `neo-tee instance exec`: a program in the enclave that `instance start` started. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const kinds = { env: 'list' } as const;
  const { own, rest } = splitProgram(context.args, kinds, 2);
  const { values, positionals } = parseOptions(own, kinds);
  const [dir, program] = positionals;
  if (dir === undefined || program === undefined) throw usage('instance exec wants a folder and a program.');
  const instance = await openInstance(context.settings, dir);
  const running = await instance.exec(program, rest, programOptions(context, values.env));
  return finish(context.output, await running.exited);
}
