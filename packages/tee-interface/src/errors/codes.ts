import { attestationErrors } from './attestation.ts';
import { channelErrors } from './channel.ts';
import { commonErrors } from './common.ts';
import { deviceErrors } from './device.ts';
import { javascriptErrors } from './javascript.ts';
import { occlumErrors } from './occlum.ts';
import { receiptErrors } from './receipt.ts';
import { sealingErrors } from './sealing.ts';
import { userErrors } from './users.ts';

/** Every error code of the project with what it means. Codes are stable: scripts and clients may branch on them. */
export const errorCodes = {
  ...commonErrors,
  ...attestationErrors,
  ...sealingErrors,
  ...javascriptErrors,
  ...channelErrors,
  ...occlumErrors,
  ...deviceErrors,
  ...receiptErrors,
  ...userErrors,
} as const;

/** One of the documented, stable error codes. */
export type TeeErrorCode = keyof typeof errorCodes;

/** True for a string that is one of the documented codes; codes that arrive over a wire are checked with this. */
export function isTeeErrorCode(value: unknown): value is TeeErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value);
}
