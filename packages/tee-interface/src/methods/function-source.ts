import * as z from 'zod';
import { functionCapabilities } from './capabilities.ts';
import { hex } from './hex-schema.ts';

function isBounded(files: Record<string, string>): boolean {
  const sources = Object.values(files);
  return sources.length <= 64 && sources.reduce((sum, source) => sum + source.length, 0) <= 1024 * 1024;
}

/** The name of a function, or of a user. */
export const idSchema = z.string().min(1).max(256);

/** What a function consists of and may do, whether it comes with the call or is deployed. */
export const functionSource = {
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
  contract: hex(32).optional(),
};

/** Tighter limits than the enclave's own. */
export const limitsSchema = z.strictObject({
  timeoutMs: z.int().min(1).max(300_000).optional(),
  memoryBytes: z
    .int()
    .min(1024 * 1024)
    .max(512 * 1024 * 1024)
    .optional(),
  gas: z.int().min(1).optional(),
});
