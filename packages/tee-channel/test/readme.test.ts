import { runReadmeExamples } from '@neo-service-layer/testing';
import { expect, it } from 'vitest';

it('the example of the README runs as it stands', () => {
  const runs = runReadmeExamples(import.meta.url);
  expect(runs).not.toHaveLength(0);
  for (const { exitCode, output } of runs)
    expect({ exitCode, output }).toEqual({
      exitCode: 0,
      output: expect.stringMatching(/hello, hello\n[\s\S]*a long body/),
    });
});
