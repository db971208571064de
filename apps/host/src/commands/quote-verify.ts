import { compareCollateral, describeShortfall, verifyEvidence } from '@neo-service-layer/attestation';
import { parseOptions, readFile, usage } from '../cli/arguments.ts';
import type { ExitCode, Output } from '../cli/output.ts';
import { readPolicy } from '../cli/policy-file.ts';
import { verdictLines } from '../cli/verdict.ts';
import { collateralFromFolder } from '../enclave/collateral.ts';
import type { CommandContext } from './command.ts';

/** `neo-tee quote verify`: judge a quote by collateral in a folder, at a given time. No enclave is needed. */
export async function run({ args, output }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, {
    quote: 'value',
    collateral: 'value',
    early: 'value',
    policy: 'value',
    at: 'value',
    root: 'value',
    'allow-debug': 'flag',
    'allow-simulation': 'flag',
    'no-revocation': 'flag',
    checks: 'flag',
  });
  if (positionals.length > 0) throw usage('quote verify takes options only.');
  if (values.quote === undefined || values.collateral === undefined) {
    throw usage('quote verify needs --quote and --collateral.');
  }
  const allowances = {
    ...(values['allow-debug'] ? { allowDebug: true } : {}),
    ...(values['allow-simulation'] ? { allowSimulation: true } : {}),
  };
  const policy = values.policy === undefined ? { anyEnclave: true as const } : readPolicy(values.policy);
  const options = {
    now: readTime(values.at),
    ...(values.root === undefined ? {} : { trustAnchors: [readFile(values.root)] }),
    ...(values['no-revocation'] ? { revocation: 'skip' as const } : {}),
  };
  const quote = readFile(values.quote);
  const collateral = collateralFromFolder(values.collateral);
  const verdict = await verifyEvidence({ quote, collateral }, { ...policy, ...allowances }, options);
  const early =
    values.early === undefined
      ? null
      : await compareCollateral(quote, { before: collateral, after: collateralFromFolder(values.early) }, options);
  const { status, newAdvisoryIds, newShortfall, changes } = early ?? {};
  output.document(early === null ? verdict : { ...verdict, early: { changes, status, newAdvisoryIds, newShortfall } });
  for (const line of verdictLines(verdict, { checks: values.checks === true })) output.line(line);
  if (policy.anyEnclave) output.line('No --policy was given: which program runs there was shown, not judged.');
  if (early !== null) showEarly(early, output);
  return verdict.ok ? 0 : 2;
}

function readTime(at: string | undefined): number {
  if (at === undefined) return Date.now() / 1000;
  if (!/^\d+(\.\d+)?$/.test(at)) throw usage('--at wants a time in unix seconds.');
  return Number(at);
}

function showEarly(early: Awaited<ReturnType<typeof compareCollateral>>, output: Output): void {
  const { status, changes, newAdvisoryIds, newShortfall } = early;
  output.line('');
  output.line(
    changes
      ? `Under the other collateral the machine will be ${status.after ?? 'refused'} (now ${status.before ?? 'refused'}).`
      : `Under the other collateral the machine stays ${status.after ?? 'refused'}.`,
  );
  if (newAdvisoryIds.length > 0) output.line(`  new advisories: ${newAdvisoryIds.join(', ')}`);
  for (const shortfall of newShortfall) output.line(`  - ${describeShortfall(shortfall)}`);
}
