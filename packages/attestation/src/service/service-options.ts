import type { TeeError } from '@neo-service-layer/tee-interface';
import type { CollateralCache } from './collateral-cache.ts';
import type { Fetch } from './fetch-answer.ts';
import { requireInteger } from './require-integer.ts';
import type { Edition } from './service-address.ts';

/** Options of a collateral service client. Times in `…Ms` are milliseconds, in `…Seconds` seconds. */
export interface CollateralServiceOptions extends Edition {
  /** The clock, unix seconds: `() => Date.now() / 1000`. */
  now(): number;
  /** Uniform in [0, 1), for the pauses between attempts: `Math.random`. Nothing secret depends on it. */
  rng(): number;
  /** Default: Intel's PCS. For a PCCS: `https://localhost:8081/sgx/certification/v4/`. */
  baseUrl?: string | undefined;
  /** Default: Intel's distribution point with Intel's PCS, `rootcacrl` of the base URL with any other service. */
  rootCaCrlUrl?: string | undefined;
  /** What outlives the process; default: nothing does. */
  cache?: CollateralCache | undefined;
  /** Root certificates (DER or PEM). Default: the Intel SGX Root CA. */
  trustAnchors?: readonly Uint8Array[] | undefined;
  /** Default: the platform's. Pass one for a proxy, or for a PCCS with a certificate of its own. */
  fetch?: Fetch | undefined;
  /** One request. Default: 10,000. */
  requestTimeoutMs?: number | undefined;
  /** All requests for one platform with all pauses. Default: 30,000. */
  totalTimeoutMs?: number | undefined;
  /** Requests for one document, in all. Default: 4. */
  attempts?: number | undefined;
  /** Pause after the first failure. Default: 500. */
  baseDelayMs?: number | undefined;
  /** Longest pause, but for a Retry-After. Default: 8,000. */
  maxDelayMs?: number | undefined;
  /** Bytes of one answer. Default: 1 MiB. */
  maxAnswerBytes?: number | undefined;
  /** Age from which collateral is fetched anew in the background, so that a TCB recovery is noticed. Default: a day. */
  refreshAfterSeconds?: number | undefined;
  /** How long before its expiry it is fetched anew in any case. Default: three days. */
  refreshAheadSeconds?: number | undefined;
  /** Pause after a refresh in the background that failed. Default: 300. */
  refreshPauseSeconds?: number | undefined;
  /** Told of what went wrong without harm: a refresh that failed, a damaged cache entry, an answer that was too old. Must not throw. */
  onWarning?: ((warning: TeeError) => void) | undefined;
}

/** The options that are numbers, with their defaults. */
export interface ServiceLimits {
  requestTimeoutMs: number;
  totalTimeoutMs: number;
  attempts: number;
  baseDelayMs: number;
  maxDelayMs: number;
  maxAnswerBytes: number;
  refreshAfterSeconds: number;
  refreshAheadSeconds: number;
  refreshPauseSeconds: number;
}

/** @throws {TeeError} ERR_INVALID_ARGUMENT for a number out of range */
export function readLimits(options: CollateralServiceOptions): ServiceLimits {
  const read = (name: keyof ServiceLimits, byDefault: number, min: number) =>
    requireInteger(name, options[name] ?? byDefault, min);
  return {
    requestTimeoutMs: read('requestTimeoutMs', 10_000, 1),
    totalTimeoutMs: read('totalTimeoutMs', 30_000, 1),
    attempts: read('attempts', 4, 1),
    baseDelayMs: read('baseDelayMs', 500, 0),
    maxDelayMs: read('maxDelayMs', 8_000, 0),
    maxAnswerBytes: read('maxAnswerBytes', 1024 * 1024, 1),
    refreshAfterSeconds: read('refreshAfterSeconds', 86_400, 0),
    refreshAheadSeconds: read('refreshAheadSeconds', 3 * 86_400, 0),
    refreshPauseSeconds: read('refreshPauseSeconds', 300, 0),
  };
}
