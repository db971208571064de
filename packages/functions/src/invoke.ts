import {
  type FunctionInvocation,
  type ITeeInterface,
  type JavaScriptOutcome,
  type JsonValue,
  TeeError,
} from '@neo-service-layer/tee-interface';
import type { FunctionDefinition } from './define-function.ts';
import type { InputOf, OutputOf, Schema } from './schema.ts';

/** A call of a deployed function whose definition the caller has. */
export interface TypedInvocation<Input extends Schema> extends Omit<FunctionInvocation, 'input'> {
  input: InputOf<Input>;
}

/** What came of it. */
export interface TypedOutcome<Output extends Schema> extends Omit<JavaScriptOutcome, 'result'> {
  result: OutputOf<Output>;
}

/**
 * Calls a deployed function with the types of its definition. Input and result are checked here as well: a caller learns of
 * a wrong input before anything is sent, and of a function that is another one by now. For *which* function answered, name
 * its `functionHash` in the invocation, or ask for a receipt.
 *
 * @throws {TeeError} ERR_INVALID_ARGUMENT for an input that the definition does not take, ERR_CHANNEL_PROTOCOL for a result
 * that it does not give, and what `invokeFunction` throws
 */
export async function invoke<Input extends Schema, Output extends Schema, Secret extends string>(
  tee: Pick<ITeeInterface, 'invokeFunction'>,
  definition: FunctionDefinition<Input, Output, Secret>,
  { input, ...invocation }: TypedInvocation<Input>,
): Promise<TypedOutcome<Output>> {
  await check(definition.input, input, 'ERR_INVALID_ARGUMENT', 'The function does not take this input.');
  const outcome = await tee.invokeFunction({ ...invocation, input: input as JsonValue });
  const result = await check(
    definition.output,
    outcome.result,
    'ERR_CHANNEL_PROTOCOL',
    'The function gave something else than its definition promises.',
  );
  return { ...outcome, result };
}

async function check<S extends Schema>(
  schema: S,
  value: unknown,
  code: 'ERR_INVALID_ARGUMENT' | 'ERR_CHANNEL_PROTOCOL',
  message: string,
): Promise<OutputOf<S>> {
  const checked = await schema['~standard'].validate(value);
  if (checked.issues === undefined) return checked.value;
  const [issue] = checked.issues;
  throw new TeeError(code, message, {
    ...(issue === undefined ? {} : { expected: issue.message }),
    hint: 'Is it the same version of the function that was deployed?',
  });
}
