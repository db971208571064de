import { createInterface } from 'node:readline';
import { countArgument, parseOptions, usage } from '../cli/arguments.ts';
import { type ExitCode, printable } from '../cli/output.ts';
import { askControl } from '../control/control-client.ts';
import { controlSocketPath } from '../control/control-socket.ts';
import type { LogLine } from '../control/log-ring.ts';
import type { CommandContext } from './command.ts';

/** `neo-tee logs`: what happened on the host that serves this instance, and what its enclaves logged; with `--json` an object a line. */
export async function run({ args, output, settings, signal }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(
    args.map((word) => (word === '-f' ? '--follow' : word)),
    { follow: 'flag', lines: 'value' },
  );
  if (positionals.length > 0) throw usage('logs takes no argument.');
  const count = countArgument('lines', values.lines) ?? 1000;
  const path = controlSocketPath(settings);
  const answer = await askControl(path, 'GET', `/logs?lines=${count}${values.follow ? '&follow' : ''}`);
  signal.addEventListener('abort', () => answer.destroy(), { once: true });
  try {
    for await (const text of createInterface({ input: answer })) {
      const line: LogLine = JSON.parse(text);
      if (output.json) process.stdout.write(`${text}\n`);
      else output.line(printable(describe(line)));
    }
  } catch (error) {
    // Interrupted while following is how it ends.
    if (!signal.aborted) throw error;
  }
  return 0;
}

function describe({ at, member, text }: LogLine): string {
  return `${new Date(at).toISOString()}  ${member === null ? 'host' : `enclave ${member}`}  ${text}`;
}
