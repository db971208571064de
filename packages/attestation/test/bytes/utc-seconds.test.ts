import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseUtcDate, utcSeconds } from '../../src/bytes/utc-seconds.ts';

describe('dates in UTC', () => {
  it('agree with those of JavaScript', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          const whole = Math.floor(date.getTime() / 1000);
          expect(parseUtcDate(`${new Date(whole * 1000).toISOString().slice(0, 19)}Z`)).toBe(whole);
        },
      ),
    );
  });

  it.each([
    '2023-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2024-04-31T00:00:00Z',
    '2024-00-01T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-01-00T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:60:00Z',
    '2024-01-01T00:00:60Z',
    '2024-01-01T00:00:00',
    '2024-01-01T00:00:00.000Z',
    '2024-01-01 00:00:00Z',
    ' 2024-01-01T00:00:00Z',
    '',
  ])('%s is none', (text) => {
    expect(parseUtcDate(text)).toBeNull();
  });

  it('knows leap days', () => {
    expect(parseUtcDate('2000-02-29T12:00:00Z')).toBe(951_825_600);
    expect(utcSeconds(2024, 2, 29, 0, 0, 0)).toBe(1_709_164_800);
  });

  it('has no time for what is not a number', () => {
    expect(utcSeconds(Number.NaN, 1, 1, 0, 0, 0)).toBeNull();
    expect(utcSeconds(2024, 1, 1, 0, Number.NaN, 0)).toBeNull();
  });
});
