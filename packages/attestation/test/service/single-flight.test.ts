import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRetryAfter } from '../../src/service/fetch-answer.ts';
import { SingleFlight } from '../../src/service/single-flight.ts';

describe('a single flight', () => {
  it('does the work of each key once for all who come while it is under way, whatever their order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }), async (s, keys) => {
        const flights = new SingleFlight<string>();
        const underWay = new Map<string, number>();
        const work = (key: string) => async () => {
          underWay.set(key, (underWay.get(key) ?? 0) + 1);
          expect(underWay.get(key)).toBe(1);
          await s.schedule(Promise.resolve(), key);
          underWay.set(key, 0);
          return key;
        };
        const results = keys.map((key) => flights.run(key, work(key)));
        await s.waitAll();
        expect(await Promise.all(results)).toEqual(keys);
        expect(keys.some((key) => flights.has(key))).toBe(false);
      }),
    );
  });

  it('passes a failure on to everyone, and forgets it', async () => {
    const flights = new SingleFlight<string>();
    const fail = () => Promise.reject(new Error('no'));
    const errors = await Promise.all([1, 2, 3].map(() => thrownBy(() => flights.run('a', fail))));
    expect(errors.map(({ message }) => message)).toEqual(['no', 'no', 'no']);
    expect(await flights.run('a', async () => 'yes')).toBe('yes');
  });

  it('aborts the work when the last one leaves, and not before', async () => {
    const flights = new SingleFlight<void>();
    let ending: AbortSignal | undefined;
    const work = (signal: AbortSignal) => {
      ending = signal;
      return new Promise<void>(() => undefined);
    };
    const [first, second] = [new AbortController(), new AbortController()];
    const runs = [first, second].map(({ signal }) => thrownBy(() => flights.run('a', work, signal)));
    first.abort(new Error('first'));
    expect(await runs[0]).toMatchObject({ message: 'first' });
    expect(ending?.aborted).toBe(false);
    second.abort(new Error('second'));
    expect(await runs[1]).toMatchObject({ message: 'second' });
    expect(ending?.aborted).toBe(true);
    expect(await thrownBy(() => flights.run('a', work, AbortSignal.abort(new Error('before'))))).toMatchObject({
      message: 'before',
    });
  });
});

describe('Retry-After', () => {
  it('is a number of seconds or a date, and nothing else', () => {
    const now = Date.UTC(2026, 0, 15, 12, 0, 0) / 1000;
    expect(parseRetryAfter('120', now)).toBe(120);
    expect(parseRetryAfter('Thu, 15 Jan 2026 12:01:30 GMT', now)).toBe(90);
    expect(parseRetryAfter('Thu, 15 Jan 2026 11:00:00 GMT', now)).toBe(0);
    for (const value of [null, '', '-1', '1.5', 'soon', '15 Jan 2026 12:01:30', '9'.repeat(30)])
      expect(parseRetryAfter(value, now)).toBeNull();
  });
});
