import { parseReceipt } from '@neo-service-layer/receipt';
import { parseOptions, readFile, usage } from '../../cli/arguments.ts';
import { type ExitCode, printable } from '../../cli/output.ts';
import { receiptDocument, receiptLines } from '../../receipt/receipt-lines.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee receipt inspect`: what a receipt says of itself. Verifies nothing. */
export async function run({ args, output }: CommandContext): Promise<ExitCode> {
  const { positionals } = parseOptions(args, {});
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw usage('receipt inspect wants exactly one file.');
  const { receipt } = parseReceipt(readFile(file));
  output.document({ ok: true, verified: false, says: receiptDocument(receipt) });
  output.line(`${file}: a receipt, by its own word. neo-tee receipt verify proves it.`);
  for (const line of receiptLines(receipt)) output.line(printable(line));
  return 0;
}
