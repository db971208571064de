/*
 * The host's figures, out of the text format of Prometheus. They are the host's own word, and may be anything.
 */

/** What the host's counters said in one second. */
export interface Sample {
  callsPerSecond: number;
  /** Milliseconds below which half, and 99 of 100, of the calls since the last sample were answered; null without calls. */
  p50: number | null;
  p99: number | null;
  /** Bytes. */
  hostMemory: number;
  enclaveMemory: number;
  /** Ends of an enclave that served. */
  losses: number;
  isReady: boolean;
}

/** Counters at one time. */
export interface Counters {
  at: number;
  calls: number;
  /** Upper bounds in seconds with the number of calls up to each. */
  buckets: [bound: number, count: number][];
}

/** One figure. */
export interface Line {
  name: string;
  labels: string;
  value: number;
}

/** Lines of the text; what is none is left out. */
export function readLines(text: string): Line[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    return name === undefined || !Number.isFinite(Number(value)) ? [] : [{ name, labels, value: Number(value) }];
  });
}

function sum(lines: readonly Line[], name: string, label = ''): number {
  return lines
    .filter((line) => line.name === name && line.labels.includes(label))
    .reduce((total, { value }) => total + value, 0);
}

/** The counters that a sample is made of. */
export function countersOf(lines: readonly Line[]): Counters {
  const route = 'route="/v1/channel"';
  const buckets = lines.flatMap(({ name, labels, value }): [number, number][] => {
    const [, bound] = /le="([^"]+)"/.exec(labels) ?? [];
    if (name !== 'tee_host_request_seconds_bucket' || bound === undefined || !labels.includes(route)) return [];
    return [[bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound), value]];
  });
  return { at: performance.now(), calls: sum(lines, 'tee_host_requests_total', route), buckets };
}

/** What happened between two readings. */
export function sampleOf(lines: readonly Line[], before: Counters, now: Counters): Sample {
  const earlier = new Map(before.buckets);
  const between = now.buckets.map(([bound, count]): [number, number] => [bound, count - (earlier.get(bound) ?? 0)]);
  return {
    callsPerSecond: Math.max(0, ((now.calls - before.calls) * 1000) / (now.at - before.at)),
    p50: percentile(between, 0.5),
    p99: percentile(between, 0.99),
    hostMemory: sum(lines, 'tee_host_resident_bytes'),
    enclaveMemory: sum(lines, 'tee_enclave_resident_bytes'),
    losses: sum(lines, 'tee_enclave_losses'),
    isReady: sum(lines, 'tee_enclave_ready') === 1,
  };
}

/** The upper bound of the bucket that holds the percentile: a histogram knows no more. */
export function percentile(buckets: readonly [number, number][], part: number): number | null {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total <= 0) return null;
  const bound = buckets.find(([, count]) => count >= total * part)?.[0] ?? null;
  return bound === null || !Number.isFinite(bound) ? null : bound * 1000;
}
