import * as z from 'zod';
import { type JsonValue, jsonValueSchema } from '../json.ts';
import { method } from './method.ts';

/** What a secret is called: functions find it under this name in their second parameter. */
export const secretName = z.string().min(1).max(128);

/** A secret that a user keeps in the enclave, without its value. */
export interface SecretEntry {
  name: string;
  bytes: number;
  /** Another version, another value. */
  version: number;
}

export const setSecret = method<{ name: string; value: JsonValue }, SecretEntry>({
  summary: "Keeps a secret for the caller's functions. It can be replaced and removed, and read by functions only.",
  runs: 'enclave',
  access: 'user',
  input: z.strictObject({ name: secretName, value: jsonValueSchema }),
  output: z.strictObject({ name: secretName, bytes: z.int(), version: z.int() }),
});

export const listSecrets = method<Record<string, never>, SecretEntry[]>({
  summary: "Names and sizes of the caller's secrets.",
  runs: 'enclave',
  access: 'user',
  input: z.strictObject({}),
  output: z.array(z.strictObject({ name: secretName, bytes: z.int(), version: z.int() })),
});

export const removeSecret = method<{ name: string }, boolean>({
  summary: "Removes one of the caller's secrets. False when there was none.",
  runs: 'enclave',
  access: 'user',
  input: z.strictObject({ name: secretName }),
  output: z.boolean(),
});
