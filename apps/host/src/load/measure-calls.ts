import { isTeeError } from '@neo-service-layer/tee-interface';

/** How calls are made. */
export interface Load {
  call: () => Promise<unknown>;
  /** Calls under way at once. */
  atOnce: number;
  seconds: number;
  signal: AbortSignal;
  /** Is told once a second how many calls have ended. */
  onProgress?: (ended: number) => void;
}

/** What came of them. Only calls that succeeded count for the times. */
export interface Measured {
  seconds: number;
  succeeded: number;
  /** How many failed, by code. */
  failed: Record<string, number>;
  /** Milliseconds, sorted. */
  times: number[];
  /** CPU time of this process for each call that ended, in µs. */
  cpuMicroseconds: number;
}

/** Keeps so many calls under way for so many seconds (or until the signal), and waits for the last of them. */
export async function measureCalls({ call, atOnce, seconds, signal, onProgress }: Load): Promise<Measured> {
  const times: number[] = [];
  const failed: Record<string, number> = {};
  let failures = 0;
  const cpu = process.cpuUsage();
  const began = performance.now();
  const end = began + seconds * 1000;
  const tick = setInterval(() => onProgress?.(times.length + failures), 1000);
  const caller = async () => {
    while (performance.now() < end && !signal.aborted) {
      const start = performance.now();
      try {
        await call();
        times.push(performance.now() - start);
      } catch (error) {
        failures += 1;
        const code = isTeeError(error) ? error.code : 'ERR_INTERNAL';
        failed[code] = (failed[code] ?? 0) + 1;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  clearInterval(tick);
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: (performance.now() - began) / 1000,
    succeeded: times.length,
    failed,
    times: times.sort((one, other) => one - other),
    cpuMicroseconds: (user + system) / Math.max(1, times.length + failures),
  };
}

/** The time that so many of a hundred did not exceed; null when there is none. @param sorted milliseconds */
export function percentile(sorted: readonly number[], percent: number): number | null {
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null;
}
