import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { callOf, resultOf, sandbox } from '../sandbox.ts';

const endless = 'function main() { const a = new Uint8Array(4e7); for (;;) a.fill(1); }';
const enough = { gas: Number.MAX_SAFE_INTEGER, timeoutMs: 100 };

describe('a spare worker', () => {
  it('takes the next call when a worker had to be ended, and is replaced itself', { timeout: 60_000 }, async () => {
    const execution = await sandbox();
    const spares = () => execution.stats().spareWorkers;
    const until = async (count: number) => {
      while (spares() !== count) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    await until(1);
    expect((await thrownBy(() => resultOf(execution, endless, { limits: enough }))).code).toBe('ERR_JS_TIMEOUT');
    // There is one thread at this moment, and it answers without any being started for it.
    expect(await resultOf(execution, 'const main = () => 1;')).toBe(1);
    await until(1);
    expect(execution.stats()).toMatchObject({ workers: 1, spareWorkers: 1, replacedWorkers: 1 });
  });

  it('does not run more calls at a time than there are to be', { timeout: 60_000 }, async () => {
    const execution = await sandbox();
    while (execution.stats().spareWorkers === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const work = callOf('function main() { for (let i = 0; i < 1e5; i++); }');
    const calls = [1, 2, 3].map(() => execution.executeJavaScript(work));
    await Promise.resolve();
    expect(execution.stats()).toMatchObject({ busy: 1, queued: 2 });
    await Promise.all(calls);
  });

  it('is not there when none is wanted', async () => {
    const execution = await sandbox({ spareWorkers: 0 });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(execution.stats()).toMatchObject({ workers: 1, spareWorkers: 0 });
    expect((await thrownBy(() => sandbox({ spareWorkers: -1 }))).code).toBe('ERR_INVALID_ARGUMENT');
  });
});
