import type { TeeErrorCode } from '@neo-service-layer/tee-interface';

/**
 * What a refusal can say. Refusals are not sealed, so the host can make them up: were others taken, it could have a client
 * believe that its call was answered, by an error of the enclave's program.
 */
export const refusalCodes: ReadonlySet<TeeErrorCode> = new Set([
  'ERR_CHANNEL_PROTOCOL',
  'ERR_CHANNEL_VERSION',
  'ERR_CHANNEL_AUDIENCE',
  'ERR_CHANNEL_AUTH',
  'ERR_CHANNEL_SESSION',
  'ERR_BUSY',
]);
