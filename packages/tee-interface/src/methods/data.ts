import * as z from 'zod';
import { bytesSchema } from '../evidence.ts';
import { method } from './method.ts';

/** An entry of a user's data, without its value. */
export interface DataEntry {
  name: string;
  bytes: number;
  /** Another version, another value. */
  version: number;
  /** `process`: nothing newer was written since the enclave started; what it found then may have been an older state. */
  freshness: 'process' | 'client' | 'external';
}

const dataName = z.string().min(1).max(512);
const entry: z.ZodType<DataEntry> = z.strictObject({
  name: dataName,
  bytes: z.int(),
  version: z.int(),
  freshness: z.enum(['process', 'client', 'external']),
});

export const putData = method<
  { name: string; value: Uint8Array; ifVersion?: number | null | undefined },
  { version: number }
>({
  summary:
    'Keeps bytes for the caller. With ifVersion only if the entry still has that version (null: if there is none).',
  runs: 'enclave',
  access: 'user',
  input: z.strictObject({ name: dataName, value: bytesSchema, ifVersion: z.int().min(0).nullable().optional() }),
  output: z.strictObject({ version: z.int() }),
});

export const getData = method<{ name: string }, DataEntry & { value: Uint8Array }>({
  summary: 'Bytes that the caller keeps.',
  runs: 'enclave',
  access: 'user',
  input: z.strictObject({ name: dataName }),
  output: z.strictObject({
    name: dataName,
    bytes: z.int(),
    version: z.int(),
    freshness: z.enum(['process', 'client', 'external']),
    value: bytesSchema,
  }),
});

export const listData = method<{ prefix?: string | undefined }, DataEntry[]>({
  summary: "The caller's entries whose names begin so.",
  runs: 'enclave',
  access: 'user',
  input: z.strictObject({ prefix: z.string().max(512).optional() }),
  output: z.array(entry),
});

export const removeData = method<{ name: string }, boolean>({
  summary: "Removes one of the caller's entries. False when there was none.",
  runs: 'enclave',
  access: 'user',
  input: z.strictObject({ name: dataName }),
  output: z.boolean(),
});
