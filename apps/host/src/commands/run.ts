import {
  type ITeeInterface,
  isTeeError,
  type JavaScriptCall,
  type JsonValue,
  type TeeErrorJson,
} from '@neo-service-layer/tee-interface';
import { countArgument, jsonArgument, parseOptions, readTextFile, usage } from '../cli/arguments.ts';
import { type ExitCode, errorDocument, errorLines, type Output, printable } from '../cli/output.ts';
import { withEnclave } from '../enclave/open.ts';
import type { CommandContext } from './command.ts';

/** `neo-tee run`: one function, one call, in a freshly started enclave. */
export async function run(context: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(context.args, {
    input: 'value',
    secrets: 'value',
    'function-id': 'value',
    'user-id': 'value',
    'timeout-ms': 'value',
    'memory-mb': 'value',
    gas: 'value',
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw usage('run wants exactly one file.');
  const secrets = jsonArgument('secrets', values.secrets, {});
  if (!isObject(secrets)) throw usage('--secrets wants a JSON object.');
  const megabytes = countArgument('memory-mb', values['memory-mb']);
  const call = {
    code: readTextFile(file),
    input: jsonArgument('input', values.input, null),
    secrets,
    functionId: values['function-id'] ?? 'cli',
    userId: values['user-id'] ?? 'cli',
    limits: {
      timeoutMs: countArgument('timeout-ms', values['timeout-ms']),
      memoryBytes: megabytes === undefined ? undefined : megabytes * 1024 * 1024,
      gas: countArgument('gas', values.gas),
    },
  };
  const { output, settings, signal } = context;
  const progress = (text: string) => output.progress(text);
  return withEnclave(settings, signal, progress, (enclave) => execute(enclave, call, file, output));
}

async function execute(enclave: ITeeInterface, call: JavaScriptCall, file: string, output: Output): Promise<ExitCode> {
  const { mode, mrEnclave } = await enclave.getInfo();
  try {
    const outcome = await enclave.executeJavaScript(call);
    const { result, logs, droppedLogs, gasUsed, executionTimeMs } = outcome;
    output.document({ ok: true, ...outcome, enclave: { mode, mrEnclave } });
    output.line(JSON.stringify(result, null, 2));
    for (const { level, message } of logs) output.line(`${level}: ${printable(message)}`);
    if (droppedLogs > 0) output.line(`(${droppedLogs} more log lines were dropped)`);
    output.line(`gas ${gasUsed}, ${executionTimeMs.toFixed(1)} ms, ${mode} enclave ${mrEnclave.slice(0, 16)}…`);
    return 0;
  } catch (error) {
    if (!isTeeError(error) || !error.code.startsWith('ERR_JS_')) throw error;
    const document = errorDocument(error);
    output.document({ ok: false, error: { ...document, ...position(document) }, enclave: { mode, mrEnclave } });
    for (const line of errorLines(error)) output.line(line);
    const { line, column } = position(document);
    if (typeof line === 'number') output.line(`  at ${file}:${line}:${column}`);
    return 2;
  }
}

function position(error: TeeErrorJson): { line?: JsonValue; column?: JsonValue } {
  const { line, column } = error.details ?? {};
  return { ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
}

function isObject(value: JsonValue): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
