import { countArgument, jsonArgument, parseOptions, usage } from '../cli/arguments.ts';
import { type ExitCode, printable } from '../cli/output.ts';
import { functionErrorDocument, functionErrorLines, isFunctionError } from '../functions/function-error.ts';
import { inOwnSource } from '../functions/in-own-source.ts';
import { keptSource } from '../functions/kept-source.ts';
import { publicKeyArgument } from '../keyring/key-files.ts';
import { writeReceiptFiles } from '../receipt/receipt-files.ts';
import { connectionOptions, withTee } from '../users/tee-connection.ts';
import type { CommandContext } from './command.ts';

/** `neo-tee call`: run a function that was deployed. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { output } = context;
  const { values, positionals } = parseOptions(context.args, {
    ...connectionOptions,
    input: 'value',
    owner: 'value',
    'function-hash': 'value',
    'timeout-ms': 'value',
    gas: 'value',
    receipt: 'value',
  });
  const [functionId, ...more] = positionals;
  if (functionId === undefined || more.length > 0) throw usage('call wants exactly one function.');
  const owner = values.owner === undefined ? undefined : publicKeyArgument('ed25519', values.owner);
  const invocation = {
    functionId,
    owner,
    ...(values.receipt === undefined ? {} : { receipt: true }),
    functionHash: values['function-hash'],
    input: jsonArgument('input', values.input, null),
    limits: { timeoutMs: countArgument('timeout-ms', values['timeout-ms']), gas: countArgument('gas', values.gas) },
  };
  try {
    const outcome = await withTee(context, values, async (tee, evidence) => {
      const { receipt, ...rest } = await tee.invokeFunction(invocation);
      const document = receipt && (await evidence());
      if (values.receipt !== undefined && receipt && document) writeReceiptFiles(values.receipt, receipt, document);
      return rest;
    });
    output.document({ ok: true, ...outcome });
    output.line(JSON.stringify(outcome.result, null, 2));
    for (const { level, message } of outcome.logs) output.line(`${level}: ${printable(message)}`);
    output.line(`gas ${outcome.gasUsed}, ${outcome.executionTimeMs.toFixed(1)} ms`);
    if (values.receipt !== undefined) output.line(`receipt in ${values.receipt}, its evidence and salts beside it`);
    return 0;
  } catch (thrown) {
    if (!isFunctionError(thrown)) throw thrown;
    const error = inOwnSource(thrown, owner === undefined ? keptSource(context.settings.home, functionId) : null);
    output.document({ ok: false, error: functionErrorDocument(error) });
    for (const line of functionErrorLines(error, functionId)) output.line(line);
    return 2;
  }
}
