import { diffPolicies } from '@neo-service-layer/attestation';
import { parseOptions, usage } from '../cli/arguments.ts';
import { type ExitCode, printable } from '../cli/output.ts';
import { readPolicy } from '../cli/policy-file.ts';
import { wrap } from '../cli/wrap.ts';
import type { CommandContext } from './command.ts';

/** `neo-tee policy diff`: do two policies demand the same? Lists what changes from the first to the second. */
export async function run({ args, output }: CommandContext): Promise<ExitCode> {
  const { positionals } = parseOptions(args, {});
  const [before, after, ...more] = positionals;
  if (before === undefined || after === undefined || more.length > 0) throw usage('policy diff wants two files.');
  const changes = diffPolicies(readPolicy(before), readPolicy(after));
  output.document({ ok: changes.length === 0, changes });
  output.line(changes.length === 0 ? 'Both demand the same.' : 'They differ:');
  for (const change of changes) {
    output.line(`  ${change.member}`);
    for (const line of wrap(change.before ?? '(the default)', '    - ')) output.line(printable(line));
    for (const line of wrap(change.after ?? '(the default)', '    + ')) output.line(printable(line));
  }
  return changes.length === 0 ? 0 : 2;
}
