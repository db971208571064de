/**
 * How a method call and its outcome stand inside the channel. The method's name is part of the sealed payload: the
 * host does not learn which method is called.
 */
import * as z from 'zod';
import { decodePlain, encodePlain, type PlainValue } from './cbor.ts';
import { isTeeErrorCode } from './errors/codes.ts';
import { TeeError, type TeeErrorJson } from './errors/tee-error.ts';
import { jsonValueSchema } from './json.ts';

/** A call before its parameters were validated against the method table. */
export interface EncodedCall {
  method: string;
  params: unknown;
}

/** How a call ended: with a result (not yet validated), or with a TeeError in its wire form. */
export type CallOutcome = { ok: true; result: unknown } | { ok: false; error: TeeErrorJson };

const callSchema = z.strictObject({ method: z.string().max(100), params: z.unknown() });
const errorSchema = z.strictObject({
  code: z.string().max(100),
  message: z.string(),
  expected: z.string().optional(),
  actual: z.string().optional(),
  hint: z.string().optional(),
  details: z.record(z.string(), jsonValueSchema).optional(),
});
const outcomeSchema = z.union([
  z.strictObject({ ok: z.literal(true), result: z.unknown() }),
  z.strictObject({ ok: z.literal(false), error: errorSchema }),
]);

/** Encodes a call. @throws {TeeError} ERR_CBOR when a parameter is not plain data */
export function encodeCall(method: string, params: PlainValue): Uint8Array {
  return encodePlain({ method, params: params ?? {} });
}

/** Decodes a call. @throws {TeeError} ERR_CBOR */
export function decodeCall(bytes: Uint8Array): EncodedCall {
  const parsed = callSchema.safeParse(decodePlain(bytes));
  if (!parsed.success) throw new TeeError('ERR_CBOR', 'The payload is not a method call.', { cause: parsed.error });
  return parsed.data;
}

/** Encodes an outcome. @throws {TeeError} ERR_CBOR when the result is not plain data */
export function encodeOutcome(
  outcome: { ok: true; result: PlainValue } | { ok: false; error: TeeErrorJson },
): Uint8Array {
  if (outcome.ok) return encodePlain({ ok: true, result: outcome.result ?? null });
  return encodePlain({ ok: false, error: { ...outcome.error } });
}

/** Decodes an outcome. @throws {TeeError} ERR_CBOR */
export function decodeOutcome(bytes: Uint8Array): CallOutcome {
  const parsed = outcomeSchema.safeParse(decodePlain(bytes));
  if (!parsed.success)
    throw new TeeError('ERR_CBOR', 'The payload is not the outcome of a call.', { cause: parsed.error });
  const outcome = parsed.data;
  if (outcome.ok) return { ok: true, result: outcome.result };
  const { code, message, expected, actual, hint, details } = outcome.error;
  const known = isTeeErrorCode(code);
  return {
    ok: false,
    error: {
      code: known ? code : 'ERR_INTERNAL',
      message: known ? message : `${code}: ${message}`,
      ...(expected === undefined ? {} : { expected }),
      ...(actual === undefined ? {} : { actual }),
      ...(hint === undefined ? {} : { hint }),
      ...(details === undefined ? {} : { details }),
    },
  };
}
