import { TeeError } from '@neo-service-layer/tee-interface';
import type * as z from 'zod';

/** Parameters as the method table has them. @throws {TeeError} ERR_INVALID_ARGUMENT naming the member, never its value */
export function parseParameters<Input>(method: string, schema: z.ZodType<Input>, params: unknown): Input {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  // The path and the rule only: parameters are secrets until proven otherwise.
  throw new TeeError('ERR_INVALID_ARGUMENT', `${method}: ${issue?.path.join('.') || 'the parameters'}: ${issue?.code}`);
}
