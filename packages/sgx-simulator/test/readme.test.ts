import { runReadmeExamples } from '@neo-service-layer/testing';
import { expect, test } from 'vitest';

test('the example in the README runs', () => {
  const runs = runReadmeExamples(import.meta.url);
  expect(runs).toHaveLength(1);
  for (const { exitCode, output } of runs) {
    expect(output).toMatch(/^a machine of status UpToDate, root of \d{3} bytes\n$/);
    expect(exitCode).toBe(0);
  }
});
