import { errorCodes, isTeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';

/** An error as the server answers it: RFC 9457, `application/problem+json`, with the code of this project. */
export interface Problem {
  /** Where the code is explained; codes are the stable part. */
  type: string;
  /** What the code means, for people. */
  title: string;
  status: number;
  code: TeeErrorCode;
  /** The id of the request, as it stands in the log. */
  instance: string;
}

const statusOf: Partial<Record<TeeErrorCode, number>> = {
  ERR_ENCLAVE_LOST: 503,
  ERR_BUSY: 429,
  ERR_NOT_FOUND: 404,
  ERR_INVALID_ARGUMENT: 400,
};

/**
 * The problem of an error. Of what failed behind the server only the code is told: its text is for the log, and what the
 * enclave has to say to its client comes sealed.
 */
export function problemOf(error: unknown, requestId: string): Problem {
  const code = codeOf(error);
  return {
    type: `urn:neo-tee:error:${code}`,
    title: errorCodes[code],
    status: httpStatus(error) ?? statusOf[code] ?? 502,
    code,
    instance: requestId,
  };
}

function codeOf(error: unknown): TeeErrorCode {
  // The link broke under the call: to its client the enclave is lost.
  if (isTeeError(error)) return error.code === 'ERR_LINK_CLOSED' ? 'ERR_ENCLAVE_LOST' : error.code;
  const status = httpStatus(error);
  return status !== null && status < 500 ? 'ERR_INVALID_ARGUMENT' : 'ERR_INTERNAL';
}

/** What the HTTP layer itself says: a body too large, a media type that nobody takes. */
function httpStatus(error: unknown): number | null {
  if (isTeeError(error) || typeof error !== 'object' || error === null || !('statusCode' in error)) return null;
  return typeof error.statusCode === 'number' ? error.statusCode : null;
}
