import { checkEvidence } from '@neo-service-layer/attestation/evidence';
import { userReportClaims, userReportLabel } from '@neo-service-layer/tee-channel';
import { bytesArgument, parseOptions, readFile, timeArgument, usage } from '../cli/arguments.ts';
import type { ExitCode } from '../cli/output.ts';
import { readPolicy } from '../cli/policy-file.ts';
import { verdictLines } from '../cli/verdict.ts';
import { trustAnchors } from '../enclave/collateral.ts';
import type { CommandContext } from './command.ts';

/**
 * `neo-tee evidence check`: judge a document of `attest --out`, offline. With `--data` it must be about these bytes.
 */
export async function run({ args, output, settings }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, {
    policy: 'value',
    data: 'value',
    at: 'value',
    root: 'value',
    'allow-simulation': 'flag',
    checks: 'flag',
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw usage('evidence check wants exactly one file.');
  const policy = values.policy === undefined ? { anyEnclave: true as const } : readPolicy(values.policy);
  const anchors = values.root === undefined ? await trustAnchors(settings) : [readFile(values.root)];
  const { verdict, claims } = await checkEvidence(
    readFile(file),
    { ...policy, ...(values['allow-simulation'] ? { allowSimulation: true } : {}) },
    {
      label: userReportLabel,
      now: timeArgument('at', values.at),
      ...(anchors === undefined ? {} : { trustAnchors: anchors }),
    },
  );
  const wanted = values.data === undefined ? null : userReportClaims(bytesArgument('data', values.data));
  const isAbout = wanted === null || (claims !== null && Buffer.compare(wanted, claims) === 0);
  const ok = verdict.ok && isAbout;
  output.document({ ...verdict, ok, isAboutTheseBytes: wanted === null ? null : isAbout });
  if (verdict.ok && !isAbout) output.line('NO: the evidence is genuine, but it is about other bytes than these.');
  else for (const line of verdictLines(verdict, { checks: values.checks === true })) output.line(line);
  if (policy.anyEnclave) output.line('No --policy was given: which program runs there was shown, not judged.');
  return ok ? 0 : 2;
}
