import { type FunctionCapability, functionCapabilities, type JavaScriptCall } from '@neo-service-layer/tee-interface';
import { usage } from '../cli/arguments.ts';

/**
 * What `--allow crypto,http:api.example.org,http:localhost:8080` grants: capabilities by name, and hosts that http.fetch may
 * go to. @throws {TeeError} ERR_INVALID_ARGUMENT
 */
export function grantsOf(lists: readonly string[]): Pick<JavaScriptCall, 'capabilities' | 'http'> {
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
