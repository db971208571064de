import * as z from 'zod';
import { bytesSchema } from '../evidence.ts';
import { method } from './method.ts';

/** Parameters of {@link sealData}. */
export interface SealRequest {
  /** At most 16 MiB. */
  data: Uint8Array;
  /** `enclave` (default): only this image and configuration opens it. `signer`: any enclave of the same signer and product. */
  policy?: 'enclave' | 'signer' | undefined;
  /** Bound to the blob; must be given again to unseal. */
  name?: string | undefined;
}

/** Parameters of {@link unsealData}. */
export interface UnsealRequest {
  sealed: Uint8Array;
  name?: string | undefined;
}

const name = z.string().max(512).optional();

export const sealData = method<SealRequest, Uint8Array>({
  summary:
    'Encrypts data under a key that the CPU derives for this enclave; only such an enclave on this CPU opens it.',
  runs: 'enclave',
  input: z.strictObject({ data: bytesSchema, policy: z.enum(['enclave', 'signer']).optional(), name }),
  output: bytesSchema,
});

export const unsealData = method<UnsealRequest, Uint8Array>({
  summary: 'Opens what sealData made. Says why when it cannot.',
  runs: 'enclave',
  input: z.strictObject({ sealed: bytesSchema, name }),
  output: bytesSchema,
});
