import * as z from 'zod';
import { bytesSchema } from '../evidence.ts';
import { idSchema } from './function-source.ts';
import { hex } from './hex-schema.ts';
import { method } from './method.ts';

/** What a user may use up. Times are minutes by the enclave's steady clock. */
export interface UserQuota {
  /** Calls under way at once. */
  concurrentCalls: number;
  callsPerMinute: number;
  gasPerMinute: number;
  /** Bytes of functions, secrets and data with their names. */
  storedBytes: number;
  /** Functions, secrets and entries together. */
  storedEntries: number;
}

/** How a user id came to stand for a key. */
export type Registration = 'first-use' | 'administrator' | 'token';

/** A user as the enclave knows it. */
export interface UserInfo {
  userId: string;
  /** Ed25519, 64 lower-case hex digits. What a user owns belongs to the key, the id is a label. */
  publicKey: string;
  registered: Registration;
  isAdministrator: boolean;
  quota: UserQuota;
  /** What it keeps; `kept` is false where the host keeps nothing for the enclave, and all of it ends with this start. */
  stored: { bytes: number; entries: number; kept: boolean };
}

/** How a user signs in to the session that carries the call. */
export interface SignInRequest {
  userId: string;
  /** Ed25519, 32 bytes. */
  publicKey: Uint8Array;
  /** 64 bytes over `signInMessage`. */
  signature: Uint8Array;
  /** A JWT (RFC 7519) of an issuer that the measured configuration names, when the user is not registered otherwise. */
  token?: string | undefined;
}

const count = z.int().min(0);
const quotaSchema: z.ZodType<UserQuota> = z.strictObject({
  concurrentCalls: z.int().min(1).max(65_536),
  callsPerMinute: count,
  gasPerMinute: count,
  storedBytes: count,
  storedEntries: count,
});
const userSchema: z.ZodType<UserInfo> = z.strictObject({
  userId: idSchema,
  publicKey: hex(32),
  registered: z.enum(['first-use', 'administrator', 'token']),
  isAdministrator: z.boolean(),
  quota: quotaSchema,
  stored: z.strictObject({ bytes: count, entries: count, kept: z.boolean() }),
});

/** Validates {@link UserQuota}; also what the measured configuration says of it. */
export { quotaSchema as userQuotaSchema };

/** Not in the table: it is about the session, and clients send it by themselves. */
export const signIn = method<SignInRequest, UserInfo>({
  summary: 'Signs the caller in to this session, and registers the user where the configuration allows that.',
  runs: 'enclave',
  access: 'public',
  input: z.strictObject({
    userId: idSchema,
    publicKey: bytesSchema,
    signature: bytesSchema,
    token: z.string().max(16_384).optional(),
  }),
  output: userSchema,
});

export const whoAmI = method<Record<string, never>, UserInfo>({
  summary: 'The user that is signed in.',
  runs: 'enclave',
  access: 'user',
  input: z.strictObject({}),
  output: userSchema,
});

export const registerUser = method<{ userId: string; publicKey: string; quota?: UserQuota | undefined }, UserInfo>({
  summary: 'Binds a user id to a public key. An id that is bound to another key stays so.',
  runs: 'enclave',
  access: 'administrator',
  input: z.strictObject({ userId: idSchema, publicKey: hex(32), quota: quotaSchema.optional() }),
  output: userSchema,
});

export const setQuota = method<{ userId: string; quota: UserQuota | null }, UserInfo>({
  summary: 'Sets what a user may use up; null for what the configuration gives everybody.',
  runs: 'enclave',
  access: 'administrator',
  input: z.strictObject({ userId: idSchema, quota: quotaSchema.nullable() }),
  output: userSchema,
});

export const listUsers = method<{ after?: string | undefined }, UserInfo[]>({
  summary: 'Up to 100 users in the order of their ids, from the one after the given id. Sizes, never names or content.',
  runs: 'enclave',
  access: 'administrator',
  input: z.strictObject({ after: idSchema.optional() }),
  output: z.array(userSchema),
});
