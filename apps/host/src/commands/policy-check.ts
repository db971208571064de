import { explainPolicy } from '@neo-service-layer/attestation';
import { isTeeError } from '@neo-service-layer/tee-interface';
import { parseOptions, usage } from '../cli/arguments.ts';
import { type ExitCode, errorDocument, errorLines, printable } from '../cli/output.ts';
import { readPolicy } from '../cli/policy-file.ts';
import type { CommandContext } from './command.ts';

/**
 * `neo-tee policy check`: is this file a policy that a verifier would take? With `--strict` a policy with something
 * weak in it is a no as well.
 */
export async function run({ args, output }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, { strict: 'flag' });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw usage('policy check wants exactly one file.');
  try {
    const weak = explainPolicy(readPolicy(file)).filter(({ isWeak }) => isWeak);
    const ok = weak.length === 0 || values.strict !== true;
    output.document({ ok, weak });
    output.line(ok ? 'YES: a valid policy.' : 'NO: a valid policy, but not a strict one.');
    for (const { text } of weak) output.line(printable(`  weak: ${text}`));
    return ok ? 0 : 2;
  } catch (error) {
    if (!isTeeError(error) || !error.code.startsWith('ERR_POLICY_')) throw error;
    output.document({ ok: false, error: errorDocument(error) });
    output.line('NO: no verifier would take this policy.');
    for (const line of errorLines(error)) output.line(line);
    return 2;
  }
}
