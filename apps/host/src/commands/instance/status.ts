import { parseOptions, usage } from '../../cli/arguments.ts';
import { type ExitCode, printable } from '../../cli/output.ts';
import { table } from '../../cli/table.ts';
import { openInstance } from '../../enclave/instance.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee instance status`: is it built? Judged by what is there, not by Occlum's status file. */
export async function run({ args, output, settings }: CommandContext): Promise<ExitCode> {
  const { positionals } = parseOptions(args, {});
  const [dir, ...more] = positionals;
  if (dir === undefined || more.length > 0) throw usage('instance status wants exactly one folder.');
  const instance = await openInstance(settings, dir);
  const status = await instance.status();
  const { built, reason, build, server, statusFile } = status;
  output.document({ ok: built, dir: instance.dir, ...status });
  const rows = [
    ['built', built ? 'yes' : `no: ${reason}`],
    ...(build === null
      ? []
      : [
          ['MRENCLAVE', build.mrEnclave],
          ['MRSIGNER', build.mrSigner],
        ]),
    ['enclave', server === null ? 'not started' : server === 0 ? 'runs' : `runs (process ${server})`],
    ['Occlum says', statusFile],
  ];
  for (const line of table(rows)) output.line(printable(line));
  return built ? 0 : 2;
}
