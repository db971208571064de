import { bundleFunction } from '@neo-service-layer/functions/bundle';
import { OcclumJavaScriptExecution } from '@neo-service-layer/js-execution';
import { afterAll, beforeAll, expect, it } from 'vitest';
import price from '../functions/price.ts';

const context = { functionId: 'price', userId: 'me' };
let sandbox: OcclumJavaScriptExecution;
beforeAll(async () => {
  sandbox = await OcclumJavaScriptExecution.create({ workers: 1 });
});
afterAll(() => sandbox.close());

it('is the median with the margin on top', async () => {
  expect(await price.main({ prices: [10, 99, 12] }, { margin: '0.5' }, context)).toEqual({ price: 18, sources: 3 });
});

it('does the same in the engine of the enclave, and takes nothing but prices', async () => {
  const { deployment } = await bundleFunction('functions/price.ts');
  const call = { code: deployment.code, kind: 'module' as const, secrets: { margin: '0.5' }, ...context };
  const { result } = await sandbox.executeJavaScript({ ...call, input: { prices: [10, 99, 12] } });
  expect(result).toEqual({ price: 18, sources: 3 });
  await expect(sandbox.executeJavaScript({ ...call, input: { prices: [] } })).rejects.toThrow(
    'InputError: input.prices',
  );
});
