import { signal } from '@preact/signals';
import { hostUrl } from './host.ts';
import { type Counters, countersOf, readLines, type Sample, sampleOf } from './metrics-text.ts';

/** How many seconds are kept. */
export const kept = 120;

/** The last samples, oldest first. */
export const samples = signal<Sample[]>([]);

/** Why there is no sample now; null when there is one. */
export const failure = signal<string | null>(null);

/** Asks for the counters every second. @returns ends it */
export function watch(): () => void {
  let last: Counters | null = null;
  const timer = setInterval(() => void ask(), 1000);
  const ask = async () => {
    try {
      const answer = await fetch(`${hostUrl.value}/metrics`, { signal: AbortSignal.timeout(5000) });
      if (!answer.ok) throw new Error(`The host answered ${answer.status}.`);
      const lines = readLines(await answer.text());
      const counters = countersOf(lines);
      if (last !== null) samples.value = [...samples.value.slice(1 - kept), sampleOf(lines, last, counters)];
      last = counters;
      failure.value = null;
    } catch {
      last = null;
      failure.value = 'The host does not tell its figures now. Asking again every second.';
    }
  };
  void ask();
  return () => clearInterval(timer);
}
