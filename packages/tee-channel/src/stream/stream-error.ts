import { TeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';

/** The stream is not there, or was used against its rules. */
export function brokenStream(expected: string): TeeError {
  return new TeeError('ERR_CHANNEL_STREAM', 'A stream was used against its rules, or is gone.', {
    expected,
    hint: 'The other end is of another version, or the session in which the stream was opened has ended.',
  });
}

/** A call or stream that one of the ends gave up. */
export function cancelledCall(): TeeError {
  return new TeeError('ERR_CHANNEL_CANCELLED', 'The call was given up.', {
    hint: 'What it did until then stays done.',
  });
}

/** What the enclave answered, sealed, in place of a result. */
export function failedCall(code: TeeErrorCode): TeeError {
  return new TeeError(code, 'The enclave answered that the call failed.', {
    hint: 'The code comes from the enclave, not from the host; the reason stays in the enclave.',
  });
}
