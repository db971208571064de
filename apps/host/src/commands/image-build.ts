import { parseOptions } from '../cli/arguments.ts';
import type { ExitCode } from '../cli/output.ts';
import { table } from '../cli/table.ts';
import { prepareEnclave } from '../enclave/prepare.ts';
import type { CommandContext } from './command.ts';

/** `neo-tee image build`: build the enclave image and say what it measures to and what is in it. */
export async function run({ args, output, settings }: CommandContext): Promise<ExitCode> {
  parseOptions(args, {});
  const { mrEnclave, mrSigner, packages, files, rebuilt } = await prepareEnclave(settings, (text) =>
    output.progress(text),
  );
  const mode = settings.simulation ? 'simulation' : 'hardware';
  output.document({ ok: true, mode, mrEnclave, mrSigner, rebuilt, packages, files, instanceDir: settings.instanceDir });
  output.line(rebuilt ? 'built' : 'up to date');
  for (const line of table([
    ['mode', mode],
    ['MRENCLAVE', mrEnclave],
    ['MRSIGNER', mrSigner],
    ['instance', settings.instanceDir],
  ]))
    output.line(line);
  output.line('bundled packages:');
  for (const name of packages) output.line(`  ${name}`);
  output.line('bundled files:');
  for (const line of table(files.map(({ name, bytes, sha256 }) => [name, String(bytes), sha256]))) output.line(line);
  return 0;
}
