import { isTeeError } from '@neo-service-layer/tee-interface';
import { createEnclaveError } from '../faults/sgx-error.ts';
import { InitFailure } from '../sandbox/init-failure.ts';
import { CliFailure } from './failure.ts';

/** SGX status codes (occlum-contract §1.6) by the kind of refusal. */
const sgxCodes: Record<string, number> = { ERR_EINIT_REFUSED: 0x2000, ERR_DEVICE_STRUCT: 0x2009 };

/** Turns a failed launch into what the launcher prints; any other error is returned as it is. */
export function launchFailure(error: unknown): unknown {
  if (error instanceof InitFailure) return new CliFailure(error.message, 'stderr');
  if (!isTeeError(error)) return error;
  const status = sgxCodes[error.code];
  const why = [error.message, error.hint].filter(Boolean).join(' ');
  return new CliFailure(status === undefined ? `Error: ${why}` : createEnclaveError(status, why), 'stderr');
}
