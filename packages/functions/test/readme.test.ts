import { runReadmeExamples } from '@neo-service-layer/testing';
import { expect, it } from 'vitest';

it('the example of the README runs as it stands', () => {
  const runs = runReadmeExamples(import.meta.url);
  expect(runs).not.toHaveLength(0);
  for (const { exitCode, output } of runs)
    expect({ exitCode, output }).toEqual({
      exitCode: 0,
      output: expect.stringContaining('ERR_JS_USER InputError: input.prices: Invalid input, expected array'),
    });
});
