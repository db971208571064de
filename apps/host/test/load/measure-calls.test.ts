import { setTimeout as delay } from 'node:timers/promises';
import { TeeError } from '@neo-service-layer/tee-interface';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureCalls, percentile } from '../../src/load/measure-calls.ts';

const { signal } = new AbortController();

describe('measuring calls', () => {
  it('keeps as many under way as it was told', async () => {
    let underWay = 0;
    let most = 0;
    const call = async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await delay(5);
      underWay -= 1;
    };
    const { succeeded, times } = await measureCalls({ call, atOnce: 7, seconds: 0.1, signal });
    expect(most).toBe(7);
    expect(times).toHaveLength(succeeded);
    expect(underWay).toBe(0);
  });

  it('counts failures by code and leaves them out of the times', async () => {
    let count = 0;
    const call = async () => {
      await delay(1);
      count += 1;
      if (count % 2 === 0) throw new TeeError('ERR_BUSY', 'Busy.');
    };
    const { succeeded, failed } = await measureCalls({ call, atOnce: 2, seconds: 0.05, signal });
    expect(Object.keys(failed)).toEqual(['ERR_BUSY']);
    expect(succeeded + (failed['ERR_BUSY'] ?? 0)).toBe(count);
  });

  it('ends with the signal', async () => {
    const aborted = new AbortController();
    const measuring = measureCalls({ call: () => delay(1), atOnce: 1, seconds: 3600, signal: aborted.signal });
    aborted.abort();
    expect((await measuring).seconds).toBeLessThan(60);
  });

  it('has for each percentile a time that so many did not exceed', () => {
    expect(percentile([], 50)).toBeNull();
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1 }), fc.integer({ min: 1, max: 100 }), (times, percent) => {
        const sorted = times.sort((one, other) => one - other);
        const value = percentile(sorted, percent) ?? Number.NaN;
        expect(sorted.filter((time) => time <= value).length).toBeGreaterThanOrEqual((percent / 100) * sorted.length);
      }),
    );
  });
});
