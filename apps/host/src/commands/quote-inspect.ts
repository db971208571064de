import { parseQuote } from '@neo-service-layer/attestation';
import { parseOptions, readFile, usage } from '../cli/arguments.ts';
import { type ExitCode, printable } from '../cli/output.ts';
import type { CommandContext } from './command.ts';

/** `neo-tee quote inspect`: every field of a quote by name, trusting none. */
export async function run({ args, output }: CommandContext): Promise<ExitCode> {
  const { positionals } = parseOptions(args, {});
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw usage('quote inspect wants exactly one file.');
  const quote = parseQuote(readFile(file));
  output.document(quote);
  output.line('UNVERIFIED: anyone can write these bytes. Use `quote verify` to judge them.');
  for (const line of fieldLines(quote, '  ')) output.line(printable(line));
  return 0;
}

function fieldLines(value: object, indent: string): string[] {
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    if (member instanceof Uint8Array) return [`${indent}${name}: ${Buffer.from(member).toString('hex') || '(empty)'}`];
    if (typeof member === 'object' && member !== null)
      return [`${indent}${name}:`, ...fieldLines(member, `${indent}  `)];
    return [`${indent}${name}: ${String(member)}`];
  });
}
