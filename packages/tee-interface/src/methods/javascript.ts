import * as z from 'zod';
import { type JsonValue, jsonValueSchema } from '../json.ts';
import { method } from './method.ts';

/** A user function and what to call it with: `main(input, secrets, functionId, userId)`. */
export interface JavaScriptCall {
  /** Source that defines `main`, sync or async. At most 1 MiB. */
  code: string;
  input?: JsonValue | undefined;
  secrets?: Record<string, JsonValue> | undefined;
  functionId: string;
  userId: string;
  /** Tighter limits than the enclave's own; looser ones are refused. */
  limits?: { timeoutMs?: number | undefined; memoryBytes?: number | undefined; gas?: number | undefined } | undefined;
}

/** What a user function returned, and what it cost. */
export interface JavaScriptOutcome {
  /** `undefined` arrives as null. */
  result: JsonValue;
  /** Units of the metered engine: the same for the same call on every machine. */
  gasUsed: number;
  executionTimeMs: number;
  logs: { level: 'log' | 'info' | 'warn' | 'error' | 'debug'; message: string }[];
  /** Lines that did not fit the log limit. */
  droppedLogs: number;
}

const id = z.string().min(1).max(256);

export const executeJavaScript = method<JavaScriptCall, JavaScriptOutcome>({
  summary: 'Runs main(input, secrets, functionId, userId) of the given source in a fresh sandbox.',
  runs: 'enclave',
  input: z.strictObject({
    code: z
      .string()
      .min(1)
      .max(1024 * 1024),
    input: jsonValueSchema.optional(),
    secrets: z.record(z.string(), jsonValueSchema).optional(),
    functionId: id,
    userId: id,
    limits: z
      .strictObject({
        timeoutMs: z.int().min(1).max(300_000).optional(),
        memoryBytes: z
          .int()
          .min(1024 * 1024)
          .max(512 * 1024 * 1024)
          .optional(),
        gas: z.int().min(1).optional(),
      })
      .optional(),
  }),
  output: z.strictObject({
    result: jsonValueSchema,
    gasUsed: z.number(),
    executionTimeMs: z.number(),
    logs: z.array(z.strictObject({ level: z.enum(['log', 'info', 'warn', 'error', 'debug']), message: z.string() })),
    droppedLogs: z.int(),
  }),
});
