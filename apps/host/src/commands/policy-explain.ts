import { explainPolicy } from '@neo-service-layer/attestation';
import { parseOptions, usage } from '../cli/arguments.ts';
import { type ExitCode, printable } from '../cli/output.ts';
import { readPolicy } from '../cli/policy-file.ts';
import { wrap } from '../cli/wrap.ts';
import type { CommandContext } from './command.ts';

/** `neo-tee policy explain`: what a policy demands, in sentences, with what is weak about it. */
export async function run({ args, output }: CommandContext): Promise<ExitCode> {
  const { positionals } = parseOptions(args, {});
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw usage('policy explain wants exactly one file.');
  const statements = explainPolicy(readPolicy(file));
  output.document({ ok: true, statements });
  for (const { text, isWeak, member } of statements) {
    const note = isWeak ? 'WEAK: ' : member === null ? '(by default) ' : '';
    for (const line of wrap(note + text, '  - ')) output.line(printable(line));
  }
  return 0;
}
