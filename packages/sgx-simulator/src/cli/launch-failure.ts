import { isTeeError } from '@neo-service-layer/tee-interface';
import { CliFailure } from './failure.ts';

/** SGX status codes (occlum-contract §1.6) by the kind of refusal. */
const sgxCodes: Record<string, string> = { ERR_EINIT_REFUSED: '0x2000', ERR_DEVICE_STRUCT: '0x2009' };

/** Turns a failed launch into what the launcher prints; any other error is returned as it is. */
export function launchFailure(error: unknown): unknown {
  if (!isTeeError(error)) return error;
  const code = sgxCodes[error.code];
  const why = [error.message, error.hint].filter(Boolean).join(' ');
  const text =
    code === undefined
      ? `Error: ${why}`
      : `[ERROR] occlum-pal: Failed to create enclave with error code ${code}: ${why} (line 152, file src/pal_enclave.c)`;
  return new CliFailure(text, 'stderr');
}
