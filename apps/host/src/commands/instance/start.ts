import { parseOptions, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { openInstance } from '../../enclave/instance.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee instance start`: an enclave that `instance exec` runs programs in. It outlives this command. */
export async function run({ args, output, settings, signal }: CommandContext): Promise<ExitCode> {
  const { positionals } = parseOptions(args, {});
  const [dir, ...more] = positionals;
  if (dir === undefined || more.length > 0) throw usage('instance start wants exactly one folder.');
  const instance = await openInstance(settings, dir);
  await instance.start({ signal });
  output.document({ ok: true, dir: instance.dir });
  output.line(`The enclave runs. Next: neo-tee instance exec ${dir} PROGRAM`);
  return 0;
}
