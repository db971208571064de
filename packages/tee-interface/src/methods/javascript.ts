import * as z from 'zod';
import { bytesSchema } from '../evidence.ts';
import { type JsonValue, jsonValueSchema } from '../json.ts';
import type { FunctionCapability } from './capabilities.ts';
import { functionSource, idSchema, limitsSchema } from './function-source.ts';
import { method } from './method.ts';

/** A user function and what to call it with: `main(input, secrets, functionId, userId)`. */
export interface JavaScriptCall {
  /** Source that defines `main`, sync or async. At most 1 MiB. */
  code: string;
  /**
   * A script that declares `main` (default), an ES module that exports it by name or as its default, or TypeScript, of
   * which the types are removed (enums and the like are refused, with their line).
   */
  kind?: 'script' | 'module' | 'ts' | undefined;
  /** Further files that a module may import by relative name. At most 1 MiB together. */
  files?: Record<string, string> | undefined;
  /** Default: none. */
  capabilities?: FunctionCapability[] | undefined;
  /** Grants `http.fetch` to these hosts (`host`, `host:port`, `*.host`; `http://host` for plain http). TLS ends in the enclave. */
  http?: { allow: string[] } | undefined;
  /**
   * SHA-256 (hex) of what its author says that it takes and gives. Part of which function it is, and stated in receipts; the
   * enclave does not look at it.
   */
  contract?: string | undefined;
  input?: JsonValue | undefined;
  secrets?: Record<string, JsonValue> | undefined;
  functionId: string;
  /**
   * Whose call it is. Default: the user that signed in, and another one is refused; `anonymous` without a sign-in, and then
   * whatever stands here is the caller's word only.
   */
  userId?: string | undefined;
  /** Tighter limits than the enclave's own; looser ones are refused. */
  limits?: { timeoutMs?: number | undefined; memoryBytes?: number | undefined; gas?: number | undefined } | undefined;
  /** True for a receipt in the outcome, or in the `details` of the error when the function fails. */
  receipt?: boolean | undefined;
}

/** A receipt (see the package `receipt`) and the salts with which its owner can prove what it commits to. */
export interface IssuedReceipt {
  /** Signed by the enclave's identity key; may be shown to anybody. */
  document: Uint8Array;
  /** 32 bytes each; with one of them its part can be guessed from the document, so show it to whom you show the part. */
  salts: { input: Uint8Array; output: Uint8Array; secretNames: Uint8Array };
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
  /** If the call asked for one. */
  receipt?: IssuedReceipt | undefined;
}

/** Validates {@link JavaScriptOutcome}. */
export const outcomeSchema: z.ZodType<JavaScriptOutcome> = z.strictObject({
  result: jsonValueSchema,
  gasUsed: z.number(),
  executionTimeMs: z.number(),
  logs: z.array(z.strictObject({ level: z.enum(['log', 'info', 'warn', 'error', 'debug']), message: z.string() })),
  droppedLogs: z.int(),
  receipt: z
    .strictObject({
      document: bytesSchema,
      salts: z.strictObject({ input: bytesSchema, output: bytesSchema, secretNames: bytesSchema }),
    })
    .optional(),
});

export const executeJavaScript = method<JavaScriptCall, JavaScriptOutcome>({
  summary: 'Runs main(input, secrets, functionId, userId) of the given source in a fresh sandbox.',
  runs: 'enclave',
  access: 'caller',
  input: z.strictObject({
    ...functionSource,
    input: jsonValueSchema.optional(),
    secrets: z.record(z.string(), jsonValueSchema).optional(),
    functionId: idSchema,
    userId: idSchema.optional(),
    limits: limitsSchema.optional(),
    receipt: z.boolean().optional(),
  }),
  output: outcomeSchema,
});
