import { runReadmeExamples } from '@neo-service-layer/testing';
import { expect, test } from 'vitest';

test('the example in the README runs and lists what is in the bundle', () => {
  const [example] = runReadmeExamples(import.meta.url);
  expect(example).toMatchObject({ exitCode: 0 });
  expect(example?.output).toContain('runtime.mjs');
  expect(example?.output).toContain('@neo-service-layer/sealing@');
});
