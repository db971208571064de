import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { defaultJavaScriptLimits, resolveLimits } from '../src/index.ts';

const refusal = async (limits: Record<string, number>) =>
  (await thrownBy(() => resolveLimits(limits, defaultJavaScriptLimits))).code;

describe('limits', () => {
  it('are the defaults where nothing is asked for', () => {
    expect(resolveLimits({}, defaultJavaScriptLimits)).toEqual(defaultJavaScriptLimits);
    expect(resolveLimits({ gas: 5 }, defaultJavaScriptLimits)).toEqual({ ...defaultJavaScriptLimits, gas: 5 });
  });

  it.each([
    { gas: 0 },
    { gas: 1.5 },
    { gas: Number.NaN },
    { timeoutMs: -1 },
    { timeoutMs: 1e9 },
    { memoryBytes: 1 },
    { stackBytes: 1024 * 1024 },
    { resultBytes: Number.POSITIVE_INFINITY },
    { logBytes: -1 },
  ])('out of range are refused: %j', async (limits) => {
    expect(await refusal(limits)).toBe('ERR_INVALID_ARGUMENT');
  });

  it('that do not exist are refused, so that a misspelt one does not silently not limit', async () => {
    expect(await refusal({ timeoutMS: 5 })).toBe('ERR_INVALID_ARGUMENT');
    expect(await refusal(JSON.parse('{"__proto__": 5}'))).toBe('ERR_INVALID_ARGUMENT');
  });
});
