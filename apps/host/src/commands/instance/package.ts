import { parseOptions, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { openInstance } from '../../enclave/instance.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee instance package`: an archive to be unpacked and run on another machine. */
export async function run({ args, output, settings, signal }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, {
    name: 'value',
    'allow-debug': 'flag',
    'allow-simulation': 'flag',
  });
  const [dir, ...more] = positionals;
  if (dir === undefined || more.length > 0) throw usage('instance package wants exactly one folder.');
  const instance = await openInstance(settings, dir);
  const packaged = await instance.package({
    signal,
    allowDebug: values['allow-debug'] ?? false,
    allowSimulation: values['allow-simulation'] ?? false,
    ...(values.name === undefined ? {} : { name: values.name }),
  });
  output.document({ ok: true, ...packaged });
  output.line(`${packaged.file} (${packaged.bytes} bytes)`);
  if (packaged.needs.length > 0)
    output.line('It links to these files, which must be there as well (package occlum-runtime):');
  for (const file of packaged.needs) output.line(`  ${file}`);
  return 0;
}
