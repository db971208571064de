import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { callOf, resultOf, sandbox } from '../sandbox.ts';

const endless = 'function main() { const a = new Uint8Array(4e7); for (;;) a.fill(1); }';
const enough = { gas: Number.MAX_SAFE_INTEGER };

describe('the pool', () => {
  it('ends a worker that does not stop by itself, and goes on with another', async () => {
    const execution = await sandbox();
    const started = Date.now();
    const error = await thrownBy(() =>
      execution.executeJavaScript(callOf(endless, { limits: { ...enough, timeoutMs: 100 } })),
    );
    expect(error.code).toBe('ERR_JS_TIMEOUT');
    expect(Date.now() - started).toBeLessThan(3_000);
    expect(await resultOf(execution, 'const main = () => 2;')).toBe(2);
    expect(execution.stats()).toMatchObject({ workers: 1, replacedWorkers: 1, calls: 2, failures: 1 });
  });

  it('gives up a call on the caller’s signal: running, waiting, or not yet begun', async () => {
    const execution = await sandbox();
    const controller = new AbortController();
    const { signal } = controller;
    const running = thrownBy(() => execution.executeJavaScript(callOf(endless, { signal, limits: enough })));
    const waiting = thrownBy(() => execution.executeJavaScript(callOf(endless, { signal, limits: enough })));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(execution.stats()).toMatchObject({ busy: 1, queued: 1 });
    controller.abort();
    const late = thrownBy(() => execution.executeJavaScript(callOf(endless, { signal, limits: enough })));
    for (const error of await Promise.all([running, waiting, late])) expect(error.code).toBe('ERR_JS_ABORTED');
    expect(await resultOf(execution, 'const main = () => 3;')).toBe(3);
  });

  it('refuses a call when too many wait, and takes turns between users', async () => {
    const execution = await sandbox({ queueLength: 4 });
    const order: string[] = [];
    const call = async (userId: string) => {
      await execution.executeJavaScript(callOf('function main() { for (let i = 0; i < 1e5; i++); }', { userId }));
      order.push(userId);
    };
    const calls = ['first', 'greedy', 'greedy', 'greedy', 'modest'].map(call);
    expect((await thrownBy(() => call('greedy'))).code).toBe('ERR_BUSY');
    await Promise.all(calls);
    expect(order).toEqual(['first', 'greedy', 'modest', 'greedy', 'greedy']);
  });

  it('fails calls in flight when it is closed', async () => {
    const execution = await sandbox();
    const calls = [1, 2].map(() => thrownBy(() => execution.executeJavaScript(callOf(endless, { limits: enough }))));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await execution.close();
    for (const error of await Promise.all(calls)) expect(error.code).toBe('ERR_JS_ENGINE_LOST');
  });
});
