import { createHash } from 'node:crypto';
import type { JavaScriptCall, JavaScriptOutcome } from '@neo-service-layer/tee-interface';
import { countArgument, parseOptions, usage } from '../cli/arguments.ts';
import { type ExitCode, type Output, printable } from '../cli/output.ts';
import { withEnclave } from '../enclave/open.ts';
import { engineOption, withSandbox } from '../enclave/sandbox-only.ts';
import { type FunctionCall, functionCall, functionOptions } from '../functions/function-call.ts';
import { functionErrorDocument, functionErrorLines, isFunctionError } from '../functions/function-error.ts';
import { inOwnSource } from '../functions/in-own-source.ts';
import { writeReceiptFiles } from '../receipt/receipt-files.ts';
import { userKeyOption } from '../users/user-key-option.ts';
import type { CommandContext } from './command.ts';

/** Runs a function; both an enclave and the bare sandbox do. */
type Execute = (call: JavaScriptCall) => Promise<JavaScriptOutcome>;

/** What ran it: null for MRENCLAVE when it was no enclave. */
interface Where {
  mode: 'simulation' | 'hardware' | 'sandbox-only';
  mrEnclave: string | null;
}

/** `neo-tee run`: one function, in a freshly started enclave, or with `--sandbox-only` without one. */
export async function run({ args, output, settings, signal }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, {
    ...functionOptions,
    'sandbox-only': 'flag',
    engine: 'value',
    repeat: 'value',
    receipt: 'value',
    'user-key': 'value',
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw usage('run wants exactly one file.');
  const engine = engineOption(values.engine);
  if (engine !== 'quickjs-wasm' && !values['sandbox-only']) throw usage(`--engine ${engine} wants --sandbox-only.`);
  if (values.receipt !== undefined && values['sandbox-only']) throw usage('Only an enclave gives a --receipt.');
  if (values['user-key'] !== undefined && values['sandbox-only'])
    throw usage('Only an enclave knows users: no --user-key.');
  const user = await userKeyOption(values['user-id'], values['user-key']);
  const read = await functionCall(file, values);
  const call = { ...read.call, ...(values.receipt === undefined ? {} : { receipt: true }) };
  const times = countArgument('repeat', values.repeat) ?? 1;
  const { bundle } = read;
  const show = (execute: Execute, where: Where) => showRuns({ file, bundle, call, times, execute, where, output });
  if (values['sandbox-only']) {
    return withSandbox(signal, engine, (execute) => show(execute, { mode: 'sandbox-only', mrEnclave: null }));
  }
  const progress = (text: string) => output.progress(text);
  return withEnclave(
    settings,
    signal,
    progress,
    async (enclave) => {
      const { mode, mrEnclave } = await enclave.getInfo();
      const execute = async (wanted: JavaScriptCall) => {
        const { receipt, ...outcome } = await enclave.executeJavaScript(wanted);
        const evidence = await enclave.evidenceDocument();
        if (values.receipt !== undefined && receipt && evidence) writeReceiptFiles(values.receipt, receipt, evidence);
        return outcome;
      };
      const exitCode = await show(execute, { mode, mrEnclave });
      if (values.receipt !== undefined && exitCode === 0)
        output.line(`receipt in ${values.receipt}, its evidence and salts beside it`);
      return exitCode;
    },
    { user },
  );
}

interface Runs {
  file: string;
  bundle: FunctionCall['bundle'];
  call: JavaScriptCall;
  times: number;
  execute: Execute;
  where: Where;
  output: Output;
}

async function showRuns({ file, bundle, call, times, execute, where, output }: Runs): Promise<ExitCode> {
  try {
    const outcome = await execute(call);
    const repeated = times > 1 ? await repeat(outcome, times, () => execute(call)) : null;
    output.document({ ok: true, ...outcome, ...repeated, enclave: where });
    showOutcome(outcome, where, output);
    if (repeated !== null) {
      const { runs, distinctResults, distinctGas, resultsHash, medianMs } = repeated;
      const alike = distinctResults === 1 ? 'every result the same' : `${distinctResults} different results`;
      const gas = distinctGas === 1 ? 'the same gas' : `${distinctGas} different amounts of gas`;
      output.line(`${runs} runs: ${alike}, ${gas}, median ${medianMs.toFixed(2)} ms, results ${resultsHash}`);
    }
    return 0;
  } catch (thrown) {
    if (!isFunctionError(thrown)) throw thrown;
    const error = inOwnSource(thrown, bundle);
    output.document({ ok: false, error: functionErrorDocument(error), enclave: where });
    for (const line of functionErrorLines(error, file)) output.line(line);
    return 2;
  }
}

/** Runs it again, so that it has run `runs` times in all. The hash is SHA-256 over every result as a line of JSON. */
async function repeat(first: JavaScriptOutcome, runs: number, execute: () => Promise<JavaScriptOutcome>) {
  const outcomes = [first];
  while (outcomes.length < runs) outcomes.push(await execute());
  const results = outcomes.map(({ result }) => JSON.stringify(result));
  const times = outcomes.map(({ executionTimeMs }) => executionTimeMs).sort((a, b) => a - b);
  return {
    runs,
    distinctResults: new Set(results).size,
    distinctGas: new Set(outcomes.map(({ gasUsed }) => gasUsed)).size,
    resultsHash: createHash('sha256')
      .update(`${results.join('\n')}\n`)
      .digest('hex'),
    medianMs: times[times.length >> 1] ?? 0,
  };
}

function showOutcome(outcome: JavaScriptOutcome, { mode, mrEnclave }: Where, output: Output): void {
  const { result, logs, droppedLogs, gasUsed, executionTimeMs } = outcome;
  output.line(JSON.stringify(result, null, 2));
  for (const { level, message } of logs) output.line(`${level}: ${printable(message)}`);
  if (droppedLogs > 0) output.line(`(${droppedLogs} more log lines were dropped)`);
  const where = mrEnclave === null ? 'no enclave' : `${mode} enclave ${mrEnclave.slice(0, 16)}…`;
  output.line(`gas ${gasUsed}, ${executionTimeMs.toFixed(1)} ms, ${where}`);
}
