import type { FunctionCapability, FunctionStorage, JsonValue } from '@neo-service-layer/tee-interface';
import type { AnyFunction } from './define-function.ts';
import type { Schema } from './schema.ts';

/** What a function promises its callers, and what it is granted: everything about it but how it does it. */
export interface FunctionContract {
  format: 'neo-tee contract/1';
  /** JSON Schema (2020-12) of what it takes. */
  input: JsonValue;
  /** JSON Schema of what it gives. */
  output: JsonValue;
  /** Names, sorted. */
  secrets: string[];
  capabilities: FunctionCapability[];
  /** Hosts, sorted. */
  http: string[];
  storage: FunctionStorage;
}

/** How a schema is written down: `toJSONSchema` of zod. */
export type ToJsonSchema = (schema: never, options: { io: 'input' | 'output'; unrepresentable: 'any' }) => unknown;

/** The contract of a definition. Its members are JSON. */
export function contractOf(definition: AnyFunction, toJsonSchema: ToJsonSchema): FunctionContract {
  const written = (schema: Schema, io: 'input' | 'output') =>
    toJsonSchema(schema as never, { io, unrepresentable: 'any' }) as JsonValue;
  return {
    format: 'neo-tee contract/1',
    // What a caller has to send, and what it gets.
    input: written(definition.input, 'input'),
    output: written(definition.output, 'output'),
    secrets: sorted(definition.secrets),
    capabilities: sorted(definition.capabilities),
    http: sorted(definition.http?.allow),
    storage: definition.storage ?? false,
  };
}

function sorted<Name extends string>(names: readonly Name[] = []): Name[] {
  return names.toSorted((one, other) => (one < other ? -1 : 1));
}
