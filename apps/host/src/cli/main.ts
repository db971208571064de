import type { CommandEntry } from '../commands/command.ts';
import { hostSettings } from '../enclave/settings.ts';
import { usage } from './arguments.ts';
import { catalogue } from './catalogue.ts';
import { type ExitCode, errorDocument, errorLines, processOutput } from './output.ts';
import { table } from './table.ts';

/** Runs one command line. @param argv the words after the program's name */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  // What stands after `--` is for another program.
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const own = argv.slice(0, end);
  const words = [...own.filter((word) => word !== '--json'), ...argv.slice(end)];
  const output = processOutput(own.includes('--json'));
  const aborted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => aborted.abort());
  try {
    if (words.length === 0 || words[0] === 'help' || own.includes('--help')) {
      for (const line of help(words.filter((word) => word !== 'help' && word !== '--help')))
        process.stdout.write(`${line}\n`);
      return 0;
    }
    const command = find(words);
    if (!command) throw usage(`There is no command "${words.slice(0, 2).join(' ')}".`);
    const settings = hostSettings(process.env, process.cwd());
    const args = words.slice(command.name.split(' ').length);
    const { run } = await command.load();
    return await run({ args, output, settings, signal: aborted.signal });
  } catch (error) {
    output.document({ ok: false, error: errorDocument(error) });
    if (!output.json) for (const line of errorLines(error)) output.progress(line);
    return 1;
  }
}

function find(words: readonly string[]): CommandEntry | undefined {
  return catalogue.find(({ name }) => name.split(' ').every((word, index) => words[index] === word));
}

function help(words: readonly string[]): string[] {
  const one = find(words);
  if (one) return [one.summary, '', `  neo-tee ${one.usage}`, '', 'Example:', `  neo-tee ${one.example}`];
  return [
    'neo-tee: confidential JavaScript on Occlum',
    '',
    ...table(catalogue.map(({ name, summary }) => [`neo-tee ${name}`, summary])),
    '',
    'neo-tee help COMMAND shows the options of a command and an example.',
    'Exit codes: 0 yes, 1 error, 2 a verdict of no. --json prints one JSON document on stdout.',
    'OCCLUM_SIMULATION=1 runs without SGX (and protects nothing). TEE_HOME is where state is kept (.tee).',
    'TEE_INSTANCE names one of several enclaves there (runtime): an update is built beside the old one.',
  ];
}
