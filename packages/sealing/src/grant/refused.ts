import { TeeError } from '@neo-service-layer/tee-interface';

/** ERR_SEAL_GRANT_REFUSED: which condition of a hand-over does not hold. */
export function grantRefused(message: string, expected?: string, actual?: string, hint?: string): TeeError {
  return new TeeError('ERR_SEAL_GRANT_REFUSED', message, {
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
    hint: hint ?? 'Nothing was handed over. Ask the approvers for an approval that fits, or check which enclave asks.',
  });
}
