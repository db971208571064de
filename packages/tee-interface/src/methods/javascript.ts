import * as z from 'zod';
import { bytesSchema } from '../evidence.ts';
import { type JsonValue, jsonValueSchema } from '../json.ts';
import { method } from './method.ts';

/** What a function may be granted by name beyond the language and `console`. */
export const functionCapabilities = ['crypto', 'timers', 'eval'] as const;

/** One of {@link functionCapabilities}. */
export type FunctionCapability = (typeof functionCapabilities)[number];

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
  input?: JsonValue | undefined;
  secrets?: Record<string, JsonValue> | undefined;
  functionId: string;
  userId: string;
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

function isBounded(files: Record<string, string>): boolean {
  const sources = Object.values(files);
  return sources.length <= 64 && sources.reduce((sum, source) => sum + source.length, 0) <= 1024 * 1024;
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
    kind: z.enum(['script', 'module', 'ts']).optional(),
    files: z
      .record(z.string().min(1).max(256), z.string())
      .refine(isBounded, 'at most 64 files of 1 MiB together')
      .optional(),
    capabilities: z.array(z.enum(functionCapabilities)).max(functionCapabilities.length).optional(),
    http: z.strictObject({ allow: z.array(z.string().min(1).max(256)).min(1).max(64) }).optional(),
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
    receipt: z.boolean().optional(),
  }),
  output: z.strictObject({
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
  }),
});
