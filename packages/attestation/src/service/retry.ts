import { TeeError } from '@neo-service-layer/tee-interface';
import type { Answer, Attempt } from './fetch-answer.ts';

/** When to try again, and how long. */
export interface RetryRules {
  /** Requests in all. */
  attempts: number;
  /** Pause after the first failure; it doubles with each, up to `maxDelayMs`. */
  baseDelayMs: number;
  maxDelayMs: number;
  /** `performance.now()` at which there is no use in trying any more. */
  deadlineMs: number;
  /** Uniform in [0, 1): spreads the clients of a service that comes back. */
  rng(): number;
}

/**
 * Tries until there is an answer, a failure that will not pass, no attempt left, or no time left for the next pause. A
 * pause is at least what the service asked for in Retry-After.
 * @throws {TeeError} that of the last attempt
 * @throws what `signal` was aborted with
 */
export async function withRetries(
  attempt: () => Promise<Attempt>,
  rules: RetryRules,
  signal: AbortSignal,
): Promise<Answer> {
  for (let made = 1; ; made += 1) {
    const result = await attempt();
    if ('answer' in result) return result.answer;
    const { error, retryAfterMs } = result;
    if (retryAfterMs === null || made >= rules.attempts) throw counted(error, made);
    const delay = Math.min(rules.maxDelayMs, rules.baseDelayMs * 2 ** (made - 1)) * (0.5 + rules.rng() / 2);
    const pause = Math.max(delay, retryAfterMs);
    if (performance.now() + pause >= rules.deadlineMs) throw counted(error, made);
    await sleep(pause, signal);
  }
}

function counted(error: TeeError, attempts: number): TeeError {
  const { expected, actual, hint, cause, details } = error;
  return new TeeError(error.code, error.message, {
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
    ...(hint === undefined ? {} : { hint }),
    details: { ...details, attempts },
    cause,
  });
}

/** @throws what `signal` is aborted with meanwhile */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
