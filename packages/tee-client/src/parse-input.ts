import { type Method, TeeError, type TeeMethodInput, teeMethods } from '@neo-service-layer/tee-interface';

/** Parameters as the method table has them. @throws {TeeError} ERR_INVALID_ARGUMENT, which names the member */
export function parseInput<Name extends keyof typeof teeMethods>(
  name: Name,
  input: TeeMethodInput<Name>,
): TeeMethodInput<Name> {
  return parseWith(name, teeMethods[name].input as Method<TeeMethodInput<Name>, unknown>['input'], input);
}

/** Parameters as a schema of the table has them. @throws {TeeError} ERR_INVALID_ARGUMENT, which names the member */
export function parseWith<Input>(name: string, schema: Method<Input, unknown>['input'], input: Input): Input {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') || 'the parameters';
  throw new TeeError('ERR_INVALID_ARGUMENT', `${name}: ${where}: ${issue?.message}`, { cause: parsed.error });
}
