import { runReadmeExamples } from '@neo-service-layer/testing';
import { expect, it } from 'vitest';

it('the README example runs and prints what it says', () => {
  const [run] = runReadmeExamples(import.meta.url);
  expect(run).toMatchObject({ exitCode: 0, output: '{"hello":"bob"} true bob\n' });
});
