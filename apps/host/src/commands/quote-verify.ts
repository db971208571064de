import { compareCollateral, describeShortfall, verifyEvidence } from '@neo-service-layer/attestation';
import type { Edition } from '@neo-service-layer/attestation/collateral-service';
import type { Collateral } from '@neo-service-layer/tee-interface';
import { parseOptions, readFile, timeArgument, usage } from '../cli/arguments.ts';
import type { ExitCode, Output } from '../cli/output.ts';
import { readPolicy } from '../cli/policy-file.ts';
import { verdictLines } from '../cli/verdict.ts';
import { collateralFromFolder, collateralService } from '../enclave/collateral.ts';
import type { HostSettings } from '../enclave/settings.ts';
import type { CommandContext } from './command.ts';

/**
 * `neo-tee quote verify`: judge a quote by collateral in a folder, or from Intel's service (TEE_COLLATERAL_URL: a PCCS).
 * No enclave is needed.
 */
export async function run({ args, output, settings, signal }: CommandContext): Promise<ExitCode> {
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
  if (values.quote === undefined) throw usage('quote verify needs --quote.');
  const allowances = {
    ...(values['allow-debug'] ? { allowDebug: true } : {}),
    ...(values['allow-simulation'] ? { allowSimulation: true } : {}),
  };
  const policy = values.policy === undefined ? { anyEnclave: true as const } : readPolicy(values.policy);
  const options = {
    now: timeArgument('at', values.at),
    ...(values.root === undefined ? {} : { trustAnchors: [readFile(values.root)] }),
    ...(values['no-revocation'] ? { revocation: 'skip' as const } : {}),
  };
  const quote = readFile(values.quote);
  const collateral =
    values.collateral === undefined
      ? await fetchCollateral(quote, settings, signal, output)
      : collateralFromFolder(values.collateral);
  const verdict = await verifyEvidence({ quote, collateral }, { ...policy, ...allowances }, options);
  const after =
    values.early === 'service'
      ? await fetchCollateral(quote, settings, signal, output, { update: 'early' })
      : values.early === undefined
        ? null
        : collateralFromFolder(values.early);
  const early = after === null ? null : await compareCollateral(quote, { before: collateral, after }, options);
  const { status, newAdvisoryIds, newShortfall, changes } = early ?? {};
  output.document(early === null ? verdict : { ...verdict, early: { changes, status, newAdvisoryIds, newShortfall } });
  for (const line of verdictLines(verdict, { checks: values.checks === true })) output.line(line);
  if (policy.anyEnclave) output.line('No --policy was given: which program runs there was shown, not judged.');
  if (early !== null) showEarly(early, output);
  return verdict.ok ? 0 : 2;
}

async function fetchCollateral(
  quote: Uint8Array,
  settings: HostSettings,
  signal: AbortSignal,
  output: Output,
  edition: Edition = {},
): Promise<Collateral> {
  const service = collateralService(settings, edition);
  const { collateral, origin, ageSeconds } = await service.collateralFor(quote, { signal });
  output.progress(`collateral: from the ${origin}, ${Math.round(ageSeconds / 60)} minutes old`);
  return collateral;
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
