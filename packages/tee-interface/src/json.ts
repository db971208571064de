import * as z from 'zod';

/** A value that JSON can hold. User functions take and return these. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** Validates a {@link JsonValue}: plain objects, arrays, strings, finite numbers, booleans and null, nothing else. */
export const jsonValueSchema: z.ZodType<JsonValue> = z.json();
