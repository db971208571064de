import { setTimeout as delay } from 'node:timers/promises';
import { describe } from './end-reason.ts';

/** How a ready program is asked whether it is well. */
export interface Probing {
  /** Milliseconds between an answer and the next question; default 10 s. */
  intervalMs: number;
  /** Milliseconds to answer; default 5 s. */
  timeoutMs: number;
  /** Failures in sequence after which the program is taken for lost; default 3. */
  failures: number;
}

/** When nothing else is said. */
export const defaultProbing: Probing = { intervalMs: 10_000, timeoutMs: 5000, failures: 3 };

/**
 * Asks again and again; resolves with the reason when too many questions in sequence went wrong, or with null when
 * aborted.
 *
 * @param onFailure told each failure and how many there were in sequence
 */
export async function probeUntilLost(
  ask: () => Promise<unknown>,
  { intervalMs, timeoutMs, failures }: Probing,
  signal: AbortSignal,
  onFailure: (reason: string, inSequence: number) => void,
): Promise<string | null> {
  let inSequence = 0;
  for (;;) {
    await delay(intervalMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return null;
    const reason = await answer(ask, timeoutMs);
    if (signal.aborted) return null;
    if (reason === null) {
      inSequence = 0;
      continue;
    }
    inSequence += 1;
    onFailure(reason, inSequence);
    if (inSequence >= failures) return `it failed ${inSequence} probes: ${reason}`;
  }
}

/** Null for a good answer, else what was wrong. */
async function answer(ask: () => Promise<unknown>, timeoutMs: number): Promise<string | null> {
  const giveUp = new AbortController();
  const silence = delay(timeoutMs, `no answer within ${timeoutMs} ms`, { signal: giveUp.signal }).catch(() => null);
  try {
    return await Promise.race([ask().then(() => null), silence]);
  } catch (error) {
    return describe(error);
  } finally {
    giveUp.abort();
  }
}
