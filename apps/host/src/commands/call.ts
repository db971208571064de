import { countArgument, jsonArgument, parseOptions, usage } from '../cli/arguments.ts';
import { functionErrorDocument, functionErrorLines, isFunctionError } from '../cli/function-error.ts';
import { type ExitCode, printable } from '../cli/output.ts';
import { publicKeyArgument } from '../keyring/key-files.ts';
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
  });
  const [functionId, ...more] = positionals;
  if (functionId === undefined || more.length > 0) throw usage('call wants exactly one function.');
  const owner = values.owner === undefined ? undefined : publicKeyArgument('ed25519', values.owner);
  const invocation = {
    functionId,
    owner,
    functionHash: values['function-hash'],
    input: jsonArgument('input', values.input, null),
    limits: { timeoutMs: countArgument('timeout-ms', values['timeout-ms']), gas: countArgument('gas', values.gas) },
  };
  try {
    const outcome = await withTee(context, values, (tee) => tee.invokeFunction(invocation));
    output.document({ ok: true, ...outcome });
    output.line(JSON.stringify(outcome.result, null, 2));
    for (const { level, message } of outcome.logs) output.line(`${level}: ${printable(message)}`);
    output.line(`gas ${outcome.gasUsed}, ${outcome.executionTimeMs.toFixed(1)} ms`);
    return 0;
  } catch (error) {
    if (!isFunctionError(error)) throw error;
    output.document({ ok: false, error: functionErrorDocument(error) });
    for (const line of functionErrorLines(error, functionId)) output.line(line);
    return 2;
  }
}
