import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countersOf, percentile, readLines, sampleOf } from '../../src/state/metrics-text.ts';

const figures = (calls: number, fast: number) => `# HELP tee_host_requests_total Requests.
tee_host_requests_total{route="/v1/channel",status="200"} ${calls}
tee_host_requests_total{route="/metrics",status="200"} 900
tee_host_request_seconds_bucket{le="0.01",route="/v1/channel"} ${fast}
tee_host_request_seconds_bucket{le="0.1",route="/v1/channel"} ${calls}
tee_host_request_seconds_bucket{le="+Inf",route="/v1/channel"} ${calls}
tee_host_resident_bytes 1000
tee_enclave_resident_bytes{member="1"} 20
tee_enclave_resident_bytes{member="2"} 30
tee_enclave_losses 1
tee_enclave_ready 1
`;

describe('the figures of a host', () => {
  it('become calls for each second, percentiles of the calls between, and sums over enclaves', () => {
    const before = { ...countersOf(readLines(figures(100, 100))), at: 0 };
    const lines = readLines(figures(200, 160));
    const sample = sampleOf(lines, before, { ...countersOf(lines), at: 2000 });
    expect(sample).toEqual({
      ...{ callsPerSecond: 50, p50: 10, p99: 100 },
      ...{ hostMemory: 1000, enclaveMemory: 50, losses: 1, isReady: true },
    });
  });

  it('say nothing of times when there were no calls', () => {
    const before = { ...countersOf(readLines(figures(5, 5))), at: 0 };
    const lines = readLines(figures(5, 5));
    expect(sampleOf(lines, before, { ...countersOf(lines), at: 1000 })).toMatchObject({ callsPerSecond: 0, p50: null });
  });

  it('are read out of any text without a failure', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const { value } of readLines(text)) expect(Number.isFinite(value)).toBe(true);
      }),
    );
  });

  it('have in a percentile the bound below which so many calls lie', () => {
    const counts = fc.array(fc.nat(50), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(counts, fc.double({ min: 0.01, max: 1, noNaN: true }), (perBucket, part) => {
        let sum = 0;
        const buckets = perBucket.map((count, index): [number, number] => {
          sum += count;
          return [index + 1, sum];
        });
        const found = percentile(buckets, part);
        const below = buckets.find(([bound]) => bound * 1000 === found)?.[1] ?? 0;
        if (sum === 0) expect(found).toBe(null);
        else expect(below).toBeGreaterThanOrEqual(sum * part);
      }),
    );
  });
});
