import { occlumConfig, type PresetName, presets } from '@neo-service-layer/occlum-manager';
import { parseOptions, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { locateManager } from '../../enclave/instance.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee instance new`: an instance with a configuration for a kind of program. */
export async function run({ args, output, settings }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, {
    preset: 'value',
    entry: 'list',
    'untrusted-env': 'list',
    'allow-debug': 'flag',
  });
  const [dir, ...more] = positionals;
  if (dir === undefined || more.length > 0) throw usage('instance new wants exactly one folder.');
  const preset = values.preset ?? 'native';
  if (!isPreset(preset)) throw usage(`--preset wants ${Object.keys(presets).join(', ')}.`);
  const instance = await (await locateManager(settings)).createInstance(dir);
  await instance.writeConfig(
    occlumConfig({
      preset,
      untrustedEnv: values['untrusted-env'] ?? [],
      allowDebug: values['allow-debug'] ?? false,
      ...(values.entry === undefined ? {} : { entryPoints: values.entry }),
    }),
  );
  output.document({ ok: true, dir: instance.dir, preset });
  output.line(`${instance.dir} is a new instance for ${preset} programs.`);
  output.line(`Its Occlum.json may be changed. Next: neo-tee instance build ${dir} --program FILE (or --bom FILE)`);
  return 0;
}

function isPreset(name: string): name is PresetName {
  return Object.hasOwn(presets, name);
}
