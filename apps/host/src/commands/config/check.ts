import { isTeeError } from '@neo-service-layer/tee-interface';
import { parseOptions, usage } from '../../cli/arguments.ts';
import { type ExitCode, errorDocument, errorLines, printable } from '../../cli/output.ts';
import { table } from '../../cli/table.ts';
import { configurationOf, configurationOptions } from '../../server/configuration-options.ts';
import type { HostConfiguration } from '../../server/host-configuration.ts';
import type { ReadConfiguration } from '../../server/read-configuration.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee config check`: what `serve` would run with, and where each value comes from. Exit code 2 when it is not valid. */
export async function run({ args, output }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, configurationOptions);
  const [file = null, ...more] = positionals;
  if (more.length > 0) throw usage('config check wants one file at most.');
  let read: ReadConfiguration;
  try {
    read = configurationOf(values, file);
  } catch (error) {
    if (!isTeeError(error)) throw error;
    output.document({ ok: false, error: errorDocument(error) });
    output.line('NO: this is no configuration.');
    for (const line of errorLines(error)) output.line(line);
    return 2;
  }
  const shown = withoutSecrets(read.configuration);
  output.document({ ok: true, file: read.file, configuration: shown, sources: read.sources });
  output.line(read.file === null ? 'no file' : `file: ${printable(read.file)}`);
  const rows = Object.entries(shown).map(([name, value]) => [
    name,
    JSON.stringify(value),
    read.sources[name as keyof HostConfiguration],
  ]);
  for (const line of table(rows)) output.line(printable(line));
  return 0;
}

/** A secret is set or not; more is nobody's business. */
function withoutSecrets({ tls, ...rest }: HostConfiguration) {
  const { keyPassphrase, ...files } = tls ?? { keyPassphrase: null };
  return { ...rest, tls: tls && { ...files, keyPassphrase: keyPassphrase === null ? 'not set' : 'set' } };
}
