import { type JsonValue, TeeError } from '@neo-service-layer/tee-interface';
import { type CapabilityName, capabilityNames } from './capabilities/capability.ts';
import type { JavaScriptCall } from './javascript-call.ts';

/** The arguments of `main` as an engine takes them. @throws TeeError ERR_INVALID_ARGUMENT when they have no JSON form */
export function encodePayload({ input, secrets, functionId, userId }: JavaScriptCall): Uint8Array<ArrayBuffer> {
  if (typeof secrets !== 'object' || secrets === null || Array.isArray(secrets)) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'The secrets are not an object of named values.');
  }
  try {
    return new TextEncoder().encode(JSON.stringify([input, secrets, functionId, userId]));
  } catch (cause) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'The input or the secrets have no JSON form.', { cause });
  }
}

/** @throws TeeError ERR_INVALID_ARGUMENT for a name that is no capability */
export function requireCapabilities(names: readonly CapabilityName[]): void {
  const unknown = names.find((name) => !capabilityNames.includes(name));
  if (unknown === undefined) return;
  throw new TeeError('ERR_INVALID_ARGUMENT', `There is no capability "${unknown}".`, {
    expected: capabilityNames.join(', '),
  });
}

/** @throws TeeError ERR_INVALID_ARGUMENT for anything but a string; the message does not repeat the value */
export function requireText(name: string, value: unknown): void {
  if (typeof value === 'string') return;
  throw new TeeError('ERR_INVALID_ARGUMENT', `${name} is missing.`, { expected: 'a string', actual: typeof value });
}

/** @throws TeeError ERR_INVALID_ARGUMENT for anything but an integer in the range */
export function requireCount(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new TeeError('ERR_INVALID_ARGUMENT', `The option ${name} is out of its range.`, {
    expected: `an integer from ${least} to ${most}`,
    actual: String(value),
  });
}

/** @throws TeeError ERR_JS_MEMORY when source and arguments alone are more than the guest may have; nothing is copied then */
export function requireRoom(bytes: number, memoryBytes: number): void {
  if (bytes <= memoryBytes) return;
  throw new TeeError('ERR_JS_MEMORY', 'Source and arguments are larger than the memory limit.', {
    expected: `at most ${memoryBytes} bytes`,
    actual: `${bytes} bytes`,
  });
}

/** @throws TeeError ERR_JS_ENGINE_LOST for a result that is no JSON, which only a damaged engine gives */
export function parseResult(json: string): JsonValue {
  try {
    return JSON.parse(json) as JsonValue;
  } catch {
    throw new TeeError('ERR_JS_ENGINE_LOST', 'The engine gave a result that is not JSON.');
  }
}
