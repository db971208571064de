import * as z from 'zod';
import { hex } from './hex-schema.ts';
import { type KeyringInfo, keyringInfoSchema } from './keyring.ts';
import { method } from './method.ts';

/** No parameters. */
const nothing: z.ZodType<Record<string, never>> = z.strictObject({});

/** What an enclave is, from a report of itself. */
export interface EnclaveInfo {
  /** `simulation` protects nothing: the "CPU" is a program on the same machine. */
  mode: 'hardware' | 'simulation';
  /** 64 lower-case hex digits. */
  mrEnclave: string;
  /** 64 lower-case hex digits. */
  mrSigner: string;
  isvProdId: number;
  isvSvn: number;
  attributes: { debug: boolean; flags: string; xfrm: string };
  /** Version of the enclave runtime. */
  runtimeVersion: string;
  /** Random, new at every start; 32 lower-case hex digits. */
  bootId: string;
  /** `host` only in a simulation asked to run without the image as its root file system. */
  rootfs: 'image' | 'host';
  /** SHA-256 of the sandbox's engine; it fixes the gas prices. */
  sandboxHash: string;
  /** The keyring that sealData uses unless told otherwise. */
  keyring: KeyringInfo;
}

const enclaveInfoSchema: z.ZodType<EnclaveInfo> = z.strictObject({
  mode: z.enum(['hardware', 'simulation']),
  mrEnclave: hex(32),
  mrSigner: hex(32),
  isvProdId: z.int().min(0).max(0xffff),
  isvSvn: z.int().min(0).max(0xffff),
  attributes: z.strictObject({ debug: z.boolean(), flags: hex(8), xfrm: hex(8) }),
  runtimeVersion: z.string(),
  bootId: hex(16),
  rootfs: z.enum(['image', 'host']),
  sandboxHash: hex(32),
  keyring: keyringInfoSchema,
});

export const initialize = method<Record<string, never>, void>({
  summary: 'Starts or reaches the enclave, verifies it and opens the channel. Idempotent.',
  runs: 'caller',
  access: 'public',
  input: nothing,
  output: z.void(),
});

export const getInfo = method<Record<string, never>, EnclaveInfo>({
  summary: 'What the enclave is: mode, measurements, versions.',
  runs: 'enclave',
  access: 'public',
  input: nothing,
  output: enclaveInfoSchema,
});

export const dispose = method<Record<string, never>, void>({
  summary: 'Closes the channel and stops what initialize started. Idempotent; every other call fails afterwards.',
  runs: 'caller',
  access: 'public',
  input: nothing,
  output: z.void(),
});
