import type { FunctionCapability, FunctionStorage } from '@neo-service-layer/tee-interface';
import type { InputOf, OutputOf, Schema } from './schema.ts';

/** Who calls a function, and under which name it runs. */
export interface FunctionContext {
  functionId: string;
  userId: string;
}

/** A function for the enclave: what it takes, what it is given, what it may do, what it gives. */
export interface FunctionDefinition<Input extends Schema, Output extends Schema, Secret extends string> {
  /** Checked before `main` runs: a call with another input is an error of the caller's, and runs nothing. */
  input: Input;
  /** Names of the owner's secrets that it gets, as text. One that is missing is an error. */
  secrets?: readonly Secret[];
  /** Checked after `main` has run: what does not fit is an error of the function's, and nobody sees it. */
  output: Output;
  /** Default: none. */
  capabilities?: readonly FunctionCapability[];
  /** Hosts that `http.fetch` may go to. Default: none. */
  http?: { allow: readonly string[] };
  /**
   * Whether it keeps values from call to call (`storage.get`, `put`, `delete`, `list`). `'pinned'`: they belong to this very
   * function, so that not even its owner reads them by deploying another; calls run one after another. Default: no.
   */
  storage?: FunctionStorage;
  main(
    input: OutputOf<Input>,
    secrets: Readonly<Record<Secret, string>>,
    context: FunctionContext,
  ): InputOf<Output> | Promise<InputOf<Output>>;
}

/** Any function's definition. */
// Parameters of methods are compared both ways, so this takes every definition.
export type AnyFunction = FunctionDefinition<Schema, Schema, string>;

/**
 * Says what a function is; the types of its `main` follow from it. The default export of a file, for `bundleFunction`, and
 * for clients, which get their types from it. Does nothing by itself: what is checked is checked by {@link guard}.
 */
export function defineFunction<
  const Input extends Schema,
  const Output extends Schema,
  const Secret extends string = never,
>(definition: FunctionDefinition<Input, Output, Secret>): FunctionDefinition<Input, Output, Secret> {
  return definition;
}
