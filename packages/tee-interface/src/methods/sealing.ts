import * as z from 'zod';
import { bytesSchema } from '../evidence.ts';
import { method } from './method.ts';

/** Parameters of {@link sealData}. */
export interface SealRequest {
  /** At most 16 MiB. */
  data: Uint8Array;
  /**
   * `keyring` (default): whoever has the enclave's keyring opens it; that survives microcode updates, rotation and an
   * approved hand-over to a new image. `enclave`: only this image and configuration on this CPU. `signer`: any enclave
   * of the same signer and product on this CPU.
   */
  policy?: 'keyring' | 'enclave' | 'signer' | undefined;
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
    'Encrypts data with the keyring of the enclave, or under a key that the CPU derives for this enclave or its signer.',
  runs: 'enclave',
  access: 'caller',
  input: z.strictObject({ data: bytesSchema, policy: z.enum(['keyring', 'enclave', 'signer']).optional(), name }),
  output: bytesSchema,
});

export const unsealData = method<UnsealRequest, Uint8Array>({
  summary: 'Opens what sealData made. Says why when it cannot.',
  runs: 'enclave',
  access: 'caller',
  input: z.strictObject({ sealed: bytesSchema, name }),
  output: bytesSchema,
});
