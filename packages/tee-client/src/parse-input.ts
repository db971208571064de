import { TeeError, type TeeMethodInput, teeMethods } from '@neo-service-layer/tee-interface';

/** Parameters as the method table has them. @throws {TeeError} ERR_INVALID_ARGUMENT, which names the member */
export function parseInput<Name extends keyof typeof teeMethods>(
  name: Name,
  input: TeeMethodInput<Name>,
): TeeMethodInput<Name> {
  const parsed = teeMethods[name].input.safeParse(input);
  if (parsed.success) return parsed.data as TeeMethodInput<Name>;
  const issue = parsed.error.issues[0];
  throw new TeeError(
    'ERR_INVALID_ARGUMENT',
    `${name}: ${issue?.path.join('.') || 'the parameters'}: ${issue?.message}`,
    {
      cause: parsed.error,
    },
  );
}
