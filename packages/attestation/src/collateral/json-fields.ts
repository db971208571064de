import { type TcbStatus, TeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';
import * as z from 'zod';

/** Hex of a fixed number of bytes in either case; read as lower case. */
export function hexField(bytes: number): z.ZodType<string> {
  return z
    .string()
    .regex(new RegExp(`^[0-9a-fA-F]{${2 * bytes}}$`), `${bytes} bytes as hex`)
    .overwrite((value) => value.toLowerCase());
}

/** The one date form Intel writes, e.g. 2024-03-13T00:00:00Z. */
const datePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** A date-time in UTC that exists in the calendar. */
export const dateField: z.ZodType<string> = z.string().refine((value) => {
  const date = new Date(value);
  return datePattern.test(value) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value.slice(0, 19));
}, 'a date-time like 2024-03-13T00:00:00Z');

/**
 * The statuses that a level of TCB info may have. An unknown one is refused, since nobody can say how bad it is; the
 * two about relaunching are not issued but derived.
 */
export const platformStatusField: z.ZodType<TcbStatus> = z.enum([
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
  'OutOfDate',
  'OutOfDateConfigurationNeeded',
  'Revoked',
]);

/** The statuses that a level of a QE identity may have (QVL accepts these five). */
export const qeStatusField: z.ZodType<TcbStatus> = z.enum([
  'UpToDate',
  'ConfigurationNeeded',
  'OutOfDate',
  'OutOfDateConfigurationNeeded',
  'Revoked',
]);

/** The statuses that a level of a TDX module identity may have (QVL accepts these three). */
export const moduleStatusField: z.ZodType<TcbStatus> = z.enum(['UpToDate', 'OutOfDate', 'Revoked']);

/** A list of `min` to 256 items. Its length is checked before its items, so that a long bad list is refused quickly. */
export function listField<T>(item: z.ZodType<T>, min = 0): z.ZodType<T[]> {
  const isBounded = (value: unknown) => Array.isArray(value) && value.length >= min && value.length <= 256;
  return z.custom<unknown[]>(isBounded, `a list of ${min} to 256 items`).pipe(z.array(item));
}

/** Advisory ids; Intel leaves the member out when there are none. */
export const advisoriesField: z.ZodType<string[]> = listField(z.string().max(64)).default([]);

/** One byte. */
export const svnField: z.ZodType<number> = z.int().min(0).max(255);
/** Two bytes. */
export const u16Field: z.ZodType<number> = z.int().min(0).max(0xffff);
/** tcbEvaluationDataNumber and its like. */
export const countField: z.ZodType<number> = z.int().min(0);

/** Unix seconds of a {@link dateField}. */
export function dateSeconds(value: string): number {
  return new Date(value).getTime() / 1000;
}

/** Validates a document of Intel's. @throws {TeeError} `code`, naming the first member that is wrong */
export function parseDocument<T>(schema: z.ZodType<T>, value: unknown, code: TeeErrorCode, name: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new TeeError(code, `The ${name} is malformed: ${issue?.message ?? 'unknown'}`, {
    actual: `at ${issue?.path.join('.') || 'the top'}`,
  });
}
