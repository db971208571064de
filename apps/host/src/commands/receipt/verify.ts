import {
  parseReceipt,
  type ReceiptContent,
  type ReceiptSalts,
  type ReceiptVerdict,
  verifyReceipt,
} from '@neo-service-layer/receipt';
import { requireCosignature } from '@neo-service-layer/receipt/ethereum';
import { isTeeError } from '@neo-service-layer/tee-interface';
import { jsonArgument, parseOptions, readFile, timeArgument, usage } from '../../cli/arguments.ts';
import { type ExitCode, printable } from '../../cli/output.ts';
import { readPolicy } from '../../cli/policy-file.ts';
import { table } from '../../cli/table.ts';
import { trustAnchors } from '../../enclave/collateral.ts';
import { readFunction } from '../../functions/read-function.ts';
import { filesBeside, readSalts } from '../../receipt/receipt-files.ts';
import { receiptDocument, receiptLines } from '../../receipt/receipt-lines.ts';
import type { CommandContext } from '../command.ts';

const options = {
  evidence: 'value',
  policy: 'value',
  function: 'value',
  allow: 'list',
  input: 'value',
  output: 'value',
  salts: 'value',
  at: 'value',
  root: 'value',
  'allow-simulation': 'flag',
  checks: 'flag',
} as const;

type Values = ReturnType<typeof parseOptions<typeof options>>['values'];

/**
 * `neo-tee receipt verify`: did an enclave that the policy accepts make this receipt, and is it for this function, input
 * and output? Offline.
 */
export async function run({ args, output, settings }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, options);
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw usage('receipt verify wants exactly one file.');
  if (values.policy === undefined) throw usage('receipt verify wants a --policy: which enclave do you accept?');
  const anchors = values.root === undefined ? await trustAnchors(settings) : [readFile(values.root)];
  const document = readFile(file);
  const policy = { ...readPolicy(values.policy), ...(values['allow-simulation'] ? { allowSimulation: true } : {}) };
  const verdict = await verifyReceipt(document, readFile(values.evidence ?? filesBeside(file).evidence), policy, {
    now: timeArgument('at', values.at),
    content: await contentOf(values, values.salts ?? filesBeside(file).salts),
    ...(anchors === undefined ? {} : { trustAnchors: anchors }),
  });
  const cosignature = verdict.receipt === null ? null : cosigned(document);
  const ok = verdict.ok && cosignature !== false;
  const { receipt, checks } = verdict;
  output.document({ ok, checks, cosignature, receipt: receipt && receiptDocument(receipt) });
  for (const line of verdictLines(verdict, cosignature, values.checks === true)) output.line(printable(line));
  return ok ? 0 : 2;
}

/** What the receipt must be for. Salts are read only where they are needed. */
async function contentOf(values: Values, saltsFile: string): Promise<ReceiptContent> {
  const content: ReceiptContent = {};
  if (values.function !== undefined) content.function = (await readFunction(values.function, values.allow)).parts;
  const salts: ReceiptSalts | null =
    values.input === undefined && values.output === undefined ? null : readSalts(saltsFile);
  if (salts === null) return content;
  if (values.input !== undefined)
    content.input = { content: jsonArgument('input', values.input, null), salt: salts.input };
  if (values.output !== undefined)
    content.output = { content: jsonArgument('output', values.output, null), salt: salts.output };
  return content;
}

/** Null when the receipt names no co-signer. */
function cosigned(document: Uint8Array): boolean | null {
  const signed = parseReceipt(document);
  if (signed.receipt.cosigner === null) return null;
  try {
    requireCosignature(signed);
    return true;
  } catch (error) {
    if (isTeeError(error)) return false;
    throw error;
  }
}

function verdictLines({ ok, checks, receipt }: ReceiptVerdict, cosignature: boolean | null, all: boolean): string[] {
  const failed = checks.filter((check) => !check.ok);
  const answer =
    ok && cosignature !== false
      ? 'YES: an enclave that the policy accepts signed this.'
      : `NO: ${failed[0]?.detail ?? 'the co-signature is not by the key that the receipt names.'}`;
  const why = failed.flatMap(({ name, code, expected, found }) => [
    `  ${name} (${code})`,
    ...(expected === undefined ? [] : [`      expected: ${expected}`]),
    ...(found === undefined ? [] : [`      found:    ${found}`]),
  ]);
  const rows = checks.map((check) => [check.ok ? 'ok  ' : 'FAIL', check.name, check.detail]);
  return [
    answer,
    ...why,
    ...(receipt === null ? [] : ['', ...receiptLines(receipt)]),
    '',
    ...(all
      ? table(rows)
      : [`${checks.length - failed.length} of ${checks.length} checks held (--checks lists them).`]),
  ];
}
