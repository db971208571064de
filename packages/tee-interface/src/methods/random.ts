import * as z from 'zod';
import { bytesSchema } from '../evidence.ts';
import { method } from './method.ts';

export const getRandomBytes = method<{ length: number }, Uint8Array>({
  summary: 'Random bytes from the cryptographic generator inside the enclave.',
  runs: 'enclave',
  access: 'caller',
  input: z.strictObject({ length: z.int().min(1).max(65_536) }),
  output: bytesSchema,
});
