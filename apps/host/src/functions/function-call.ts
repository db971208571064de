import type { JavaScriptCall, JsonValue } from '@neo-service-layer/tee-interface';
import { countArgument, jsonArgument, type ParsedOptions, usage } from '../cli/arguments.ts';
import { type ReadFunction, readFunction } from './read-function.ts';

/** Options of a command that calls a function. */
export const functionOptions = {
  input: 'value',
  secrets: 'value',
  'function-id': 'value',
  'user-id': 'value',
  'timeout-ms': 'value',
  'memory-mb': 'value',
  gas: 'value',
  allow: 'list',
} as const;

type FunctionValues = ParsedOptions<typeof functionOptions>['values'];

/** A call, and where its function comes from. */
export interface FunctionCall extends Pick<ReadFunction, 'bundle'> {
  call: JavaScriptCall;
}

/**
 * The call that a file and the options describe.
 * @throws {TeeError} ERR_INVALID_ARGUMENT, also when a secret that the function wants is not among those given; ERR_JS_*
 * for a file that cannot be bundled
 */
export async function functionCall(file: string, values: FunctionValues): Promise<FunctionCall> {
  const given = jsonArgument('secrets', values.secrets, {});
  if (!isObject(given)) throw usage('--secrets wants a JSON object.');
  const { parts, bundle } = await readFunction(file, values.allow);
  const { secrets: wanted, storage, invokers: _invokers, ...source } = parts;
  if (storage) throw usage(`${file} keeps values from call to call: deploy it, then call it.`);
  const missing = (wanted ?? []).filter((name) => !Object.hasOwn(given, name));
  if (missing.length > 0) throw usage(`--secrets lacks ${missing.join(', ')}, which the function wants.`);
  // A definition gets what it names and nothing else, as it will when it is deployed.
  const secrets = wanted === undefined ? given : Object.fromEntries(wanted.map((name) => [name, given[name] ?? null]));
  return {
    call: {
      ...source,
      ...{ input: jsonArgument('input', values.input, null), secrets, limits: limitsOf(values) },
      functionId: values['function-id'] ?? 'cli',
      userId: values['user-id'] ?? 'cli',
    },
    bundle,
  };
}

/** The limits that the options name. @throws {TeeError} ERR_INVALID_ARGUMENT */
export function limitsOf(
  values: Pick<FunctionValues, 'timeout-ms' | 'memory-mb' | 'gas'>,
): NonNullable<JavaScriptCall['limits']> {
  const megabytes = countArgument('memory-mb', values['memory-mb']);
  return {
    timeoutMs: countArgument('timeout-ms', values['timeout-ms']),
    memoryBytes: megabytes === undefined ? undefined : megabytes * 1024 * 1024,
    gas: countArgument('gas', values.gas),
  };
}

function isObject(value: JsonValue): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
