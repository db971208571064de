import { extname } from 'node:path';
import {
  type FunctionCapability,
  functionCapabilities,
  type JavaScriptCall,
  type JsonValue,
} from '@neo-service-layer/tee-interface';
import { countArgument, jsonArgument, type ParsedOptions, readTextFile, usage } from './arguments.ts';

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

/** The call that a file and the options describe. @throws {TeeError} ERR_INVALID_ARGUMENT */
export function functionCall(file: string, values: ParsedOptions<typeof functionOptions>['values']): JavaScriptCall {
  const secrets = jsonArgument('secrets', values.secrets, {});
  if (!isObject(secrets)) throw usage('--secrets wants a JSON object.');
  const megabytes = countArgument('memory-mb', values['memory-mb']);
  return {
    code: readTextFile(file),
    ...kindOf(file),
    input: jsonArgument('input', values.input, null),
    secrets,
    functionId: values['function-id'] ?? 'cli',
    userId: values['user-id'] ?? 'cli',
    limits: {
      timeoutMs: countArgument('timeout-ms', values['timeout-ms']),
      memoryBytes: megabytes === undefined ? undefined : megabytes * 1024 * 1024,
      gas: countArgument('gas', values.gas),
    },
    ...grants(values.allow ?? []),
  };
}

function kindOf(file: string): Pick<JavaScriptCall, 'kind'> {
  const extension = extname(file);
  if (extension === '.ts' || extension === '.mts') return { kind: 'ts' };
  return extension === '.mjs' ? { kind: 'module' } : {};
}

/** `crypto,http:api.example.org,http:localhost:8080`: capabilities by name, and hosts that http.fetch may go to. */
function grants(lists: readonly string[]): Pick<JavaScriptCall, 'capabilities' | 'http'> {
  const capabilities: FunctionCapability[] = [];
  const allow: string[] = [];
  for (const word of lists.flatMap((list) => list.split(','))) {
    const capability = functionCapabilities.find((name) => name === word);
    if (capability !== undefined) capabilities.push(capability);
    else if (word.startsWith('http:') && word.length > 5) allow.push(word.slice(5));
    else throw usage(`--allow wants ${functionCapabilities.join(', ')} or http:HOST, not "${word}".`);
  }
  return {
    ...(capabilities.length === 0 ? {} : { capabilities }),
    ...(allow.length === 0 ? {} : { http: { allow } }),
  };
}

function isObject(value: JsonValue): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
