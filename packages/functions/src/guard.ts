import type { JsonValue } from '@neo-service-layer/tee-interface';
import type { AnyFunction } from './define-function.ts';
import type { Issue, Schema } from './schema.ts';

/** `main` as the enclave calls it. */
export type GuardedMain = (
  input: JsonValue,
  secrets: Readonly<Record<string, JsonValue>>,
  functionId: string,
  userId: string,
) => Promise<unknown>;

/** The caller's input is not what the function takes. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** The function's own result is not what it promises. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
}

/** A secret is missing or is no text. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

const most = 5;

/**
 * The `main` of a definition, with the checks before and after it. Runs in the enclave, in the same sandbox as the function:
 * it keeps callers and honest mistakes out, not a function that does not want to be checked.
 *
 * The errors that it throws name paths and types, never values: a message may be shown to whoever may call.
 */
export function guard(definition: AnyFunction): GuardedMain {
  return async (input, secrets, functionId, userId) => {
    const given = await check(definition.input, input, 'input', InputError);
    const named = Object.fromEntries((definition.secrets ?? []).map((name) => [name, textOf(secrets, name)]));
    const result = await definition.main(given, named, { functionId, userId });
    return check(definition.output, result, 'output', OutputError);
  };
}

async function check(schema: Schema, value: unknown, what: string, Wrong: new (message: string) => Error) {
  const checked = await schema['~standard'].validate(value);
  if (checked.issues === undefined) return checked.value;
  const told = checked.issues.slice(0, most).map((issue) => `${pathOf(what, issue)}: ${messageOf(issue)}`);
  const left = checked.issues.length - told.length;
  throw new Wrong(told.join('; ') + (left > 0 ? `; and ${left} more` : ''));
}

/** `zod/mini` has no words of its own, but says what it wanted. */
function messageOf({ message, expected }: Issue): string {
  return expected === undefined || message.includes(expected) ? message : `${message}, expected ${expected}`;
}

function pathOf(what: string, { path = [] }: Issue): string {
  return path
    .map((part) => (typeof part === 'object' ? part.key : part))
    .reduce<string>((text, key) => text + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`), what);
}

function textOf(secrets: Readonly<Record<string, JsonValue>>, name: string): string {
  const value = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  if (typeof value === 'string') return value;
  throw new SecretError(`The secret "${name}" ${value === undefined ? 'is missing' : 'is no text'}.`);
}
