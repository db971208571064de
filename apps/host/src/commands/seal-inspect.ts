import { parseOptions, readFile, usage } from '../cli/arguments.ts';
import { type ExitCode, printable } from '../cli/output.ts';
import { table } from '../cli/table.ts';
import { describeDocument } from '../keyring/describe-document.ts';
import type { CommandContext } from './command.ts';

/** `neo-tee seal inspect`: what a sealed file says about itself, in words. No key is used and nothing is verified. */
export async function run({ args, output }: CommandContext): Promise<ExitCode> {
  const { positionals } = parseOptions(args, {});
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw usage('seal inspect wants exactly one file.');
  const { kind, lines } = describeDocument(readFile(file));
  output.document({
    ok: true,
    kind,
    verified: false,
    says: lines.map(([what, value]) => ({ what: what.trim(), value })),
  });
  output.line(
    `${file}: ${/^[ae]/.test(kind) ? 'an' : 'a'} ${kind}, by its own word. Only opening it proves any of this.`,
  );
  for (const line of table(lines)) output.line(printable(line));
  return 0;
}
