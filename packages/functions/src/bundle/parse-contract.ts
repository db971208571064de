import { basename } from 'node:path';
import { functionCapabilities, type JsonValue, jsonValueSchema, TeeError } from '@neo-service-layer/tee-interface';
import * as z from 'zod';
import type { FunctionContract } from '../contract.ts';

const names = z.array(z.string().min(1).max(256)).max(64);

/** What a contract looks like. */
const contractSchema = z.strictObject({
  format: z.literal('neo-tee contract/1'),
  input: jsonValueSchema,
  output: jsonValueSchema,
  secrets: names,
  capabilities: z.array(z.enum(functionCapabilities)),
  http: names,
  storage: z.union([z.boolean(), z.literal('pinned')]),
});

/** A contract as the sandbox gave it. @throws {TeeError} ERR_INVALID_ARGUMENT for anything else */
export function parseContract(file: string, found: JsonValue): FunctionContract {
  const parsed = contractSchema.safeParse(found);
  if (parsed.success) return parsed.data;
  throw new TeeError('ERR_INVALID_ARGUMENT', `${basename(file)} defines no function.`, {
    expected: 'export default defineFunction({ input, output, main })',
    actual: found === null ? 'another default export, or none' : z.prettifyError(parsed.error).slice(0, 300),
    hint: 'neo-tee init makes a project with one.',
    cause: parsed.error,
  });
}
