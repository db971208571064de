import { thrownBy } from '@neo-service-layer/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Quotas } from '../../src/users/quotas.ts';
import { TokenBucket } from '../../src/users/token-bucket.ts';

const limits = { concurrentCalls: 2, callsPerMinute: 60, gasPerMinute: 600, storedBytes: 0, storedEntries: 0 };

function quotasAt() {
  const clock = { now: 0 };
  return { clock, quotas: new Quotas(() => clock.now) };
}

describe('a quota', () => {
  it('admits so many calls at once, and more when one has ended', async () => {
    const { quotas } = quotasAt();
    let end: () => void = () => {};
    const long = () => new Promise<void>((resolve) => (end = resolve));
    const first = quotas.around('alice', limits, long);
    const endFirst = end;
    const second = quotas.around('alice', limits, long);
    const refused = await thrownBy(() => quotas.around('alice', limits, async () => {}));
    expect(refused).toMatchObject({ code: 'ERR_BUSY', details: { retryAfterMs: expect.any(Number) } });
    await quotas.around('bob', limits, async () => {});
    endFirst();
    await first;
    await quotas.around('alice', limits, async () => {});
    end();
    await second;
  });

  it('admits so many calls in a minute, and says when the next one', async () => {
    const { quotas, clock } = quotasAt();
    for (let call = 0; call < 60; call += 1) await quotas.around('alice', limits, async () => {});
    const refused = await thrownBy(() => quotas.around('alice', limits, async () => {}));
    expect(refused.code).toBe('ERR_BUSY');
    clock.now += (refused.details as { retryAfterMs: number }).retryAfterMs;
    await quotas.around('alice', limits, async () => {});
  });

  it('counts the gas of results and of failures, and lets debts come back first', async () => {
    const { quotas, clock } = quotasAt();
    await quotas.around('alice', limits, async () => ({ gasUsed: 400 }));
    const failure = Object.assign(new Error('no TeeError counts for nothing'), { details: { gasUsed: 1e9 } });
    await expect(quotas.around('alice', limits, () => Promise.reject(failure))).rejects.toBe(failure);
    await quotas.around('alice', limits, async () => ({ gasUsed: 800 }));
    expect((await thrownBy(() => quotas.around('alice', limits, async () => {}))).code).toBe('ERR_BUSY');
    clock.now += 59_000;
    expect((await thrownBy(() => quotas.around('alice', limits, async () => {}))).code).toBe('ERR_BUSY');
    clock.now += 2_000;
    await quotas.around('alice', limits, async () => {});
  });

  it('of nothing admits nothing, and names no endless time', async () => {
    const { quotas } = quotasAt();
    const none = { ...limits, callsPerMinute: 0 };
    const refused = await thrownBy(() => quotas.around('alice', none, async () => {}));
    expect(refused).toMatchObject({ code: 'ERR_BUSY', details: { retryAfterMs: 86_400_000 } });
  });

  it('that was changed applies to sessions of before, and is not had anew by saying the same', async () => {
    const { quotas } = quotasAt();
    const one = { ...limits, callsPerMinute: 1 };
    await quotas.around('alice', one, async () => {});
    quotas.set('alice', { ...one });
    expect((await thrownBy(() => quotas.around('alice', one, async () => {}))).code).toBe('ERR_BUSY');
    quotas.set('alice', limits);
    await quotas.around('alice', one, async () => {});
    expect(quotas.limits('alice', one)).toEqual(limits);
  });
});

describe('a token bucket', () => {
  it('never gives more than a minute of it, and what came back by time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 60 }),
        (perMinute, pauses) => {
          const bucket = new TokenBucket(perMinute, 0);
          let now = 0;
          let taken = 0;
          for (const pause of pauses) {
            now += pause;
            if (bucket.waitMs(now) > 0) continue;
            bucket.take(1);
            taken += 1;
          }
          expect(taken).toBeLessThanOrEqual(Math.ceil(perMinute + (now / 60_000) * perMinute));
        },
      ),
    );
  });

  it('can be taken from after the time that it says', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 2_000_000 }),
        (perMinute, taken) => {
          const bucket = new TokenBucket(perMinute, 0);
          bucket.take(taken);
          const wait = bucket.waitMs(0);
          expect(bucket.waitMs(wait + 1)).toBe(0);
        },
      ),
    );
  });
});
