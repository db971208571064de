import { writeFileSync } from 'node:fs';
import type { ReceiptSalts } from '@neo-service-layer/receipt';
import { bytesToHex, type IssuedReceipt } from '@neo-service-layer/tee-interface';
import * as z from 'zod';
import { readTextFile, usage, writeFile } from '../cli/arguments.ts';

/** Where what belongs to a receipt stands beside it. */
export function filesBeside(receipt: string): { evidence: string; salts: string } {
  return { evidence: `${receipt}.evidence`, salts: `${receipt}.salts.json` };
}

/** Writes a receipt, the evidence it is verified with, and its salts, which only the owner may read. */
export function writeReceiptFiles(path: string, { document, salts }: IssuedReceipt, evidence: Uint8Array): void {
  const beside = filesBeside(path);
  writeFile(path, document);
  writeFile(beside.evidence, evidence);
  const { input, output, secretNames } = salts;
  const hex = { input: bytesToHex(input), output: bytesToHex(output), secretNames: bytesToHex(secretNames) };
  writeFileSync(beside.salts, `${JSON.stringify(hex, null, 2)}\n`, { mode: 0o600 });
}

const salt = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform((text) => new Uint8Array(Buffer.from(text, 'hex')));
const saltsSchema = z.strictObject({ input: salt, output: salt, secretNames: salt });

/** Reads salts that {@link writeReceiptFiles} wrote. @throws {TeeError} ERR_INVALID_ARGUMENT */
export function readSalts(path: string): ReceiptSalts {
  let value: unknown;
  try {
    value = JSON.parse(readTextFile(path));
  } catch (cause) {
    throw usage(`${path} does not hold the salts of a receipt.`, cause);
  }
  const read = saltsSchema.safeParse(value);
  if (!read.success) throw usage(`${path} does not hold the salts of a receipt.`);
  return read.data;
}
