import { parseOptions, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { openInstance } from '../../enclave/instance.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee instance stop`: ends the enclave and every program in it. */
export async function run({ args, output, settings }: CommandContext): Promise<ExitCode> {
  const { positionals } = parseOptions(args, {});
  const [dir, ...more] = positionals;
  if (dir === undefined || more.length > 0) throw usage('instance stop wants exactly one folder.');
  const instance = await openInstance(settings, dir);
  const { server } = await instance.status();
  await instance.stop();
  output.document({ ok: true, wasRunning: server !== null });
  output.line(server === null ? 'No enclave was running.' : 'The enclave has ended.');
  return 0;
}
