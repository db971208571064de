import { verifyEvidence } from '@neo-service-layer/attestation';
import { parseOptions, readFile, usage } from '../cli/arguments.ts';
import type { ExitCode } from '../cli/output.ts';
import { verdictLines } from '../cli/verdict.ts';
import { collateralFromFolder } from '../enclave/collateral.ts';
import type { Command, CommandContext } from './command.ts';

/** `neo-tee quote verify`: judge a quote by collateral in a folder, at a given time. No enclave is needed. */
export const quoteVerifyCommand: Command = {
  name: 'quote verify',
  summary: 'Verify a quote against collateral from a folder, at a given time.',
  usage:
    'quote verify --quote FILE --collateral DIR --at UNIX_SECONDS [--root FILE] [--allow-debug] [--allow-simulation] [--no-revocation] [--json]',
  example: 'quote verify --quote quote.bin --collateral ./collateral --at 1752919218',
  run,
};

async function run({ args, output }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, {
    quote: 'value',
    collateral: 'value',
    at: 'value',
    root: 'value',
    'allow-debug': 'flag',
    'allow-simulation': 'flag',
    'no-revocation': 'flag',
  });
  if (positionals.length > 0) throw usage('quote verify takes options only.');
  if (values.quote === undefined || values.collateral === undefined || values.at === undefined) {
    throw usage('quote verify needs --quote, --collateral and --at.');
  }
  if (!/^\d+(\.\d+)?$/.test(values.at)) throw usage('--at wants a time in unix seconds.');
  const verdict = await verifyEvidence(
    { quote: readFile(values.quote), collateral: collateralFromFolder(values.collateral) },
    {
      anyEnclave: true,
      ...(values['allow-debug'] ? { allowDebug: true } : {}),
      ...(values['allow-simulation'] ? { allowSimulation: true } : {}),
    },
    {
      now: Number(values.at),
      ...(values.root === undefined ? {} : { trustAnchors: [readFile(values.root)] }),
      ...(values['no-revocation'] ? { revocation: 'skip' } : {}),
    },
  );
  output.document(verdict);
  for (const line of verdictLines(verdict)) output.line(line);
  return verdict.ok ? 0 : 2;
}
