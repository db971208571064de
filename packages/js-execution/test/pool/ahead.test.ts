import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import type { StorageCapability } from '../../src/index.ts';
import { callOf, resultOf, sandbox } from '../sandbox.ts';

const spin = 'function main() { const a = new Uint8Array(1e6); for (;;) a.fill(1); }';
const forever = { gas: Number.MAX_SAFE_INTEGER, timeoutMs: 60_000 };
const quick = 'const main = (n) => n;';
const never: StorageCapability = {
  get: () => new Promise(() => undefined),
  put: async () => undefined,
  delete: async () => false,
  list: async () => [],
};

/** A call that waits behind one that runs was handed to its thread already: it must not share its fate. */
describe('a call that waits in a thread', () => {
  it('runs elsewhere when the call before it does not end', { timeout: 60_000 }, async () => {
    const execution = await sandbox({ workers: 2, spareWorkers: 0 });
    const controller = new AbortController();
    const stuck = thrownBy(() => resultOf(execution, spin, { limits: forever, signal: controller.signal }));
    const short = resultOf(execution, 'function main() { for (let i = 0; i < 3e5; i++); return "short"; }');
    const behind = [1, 2, 3].map((input) => resultOf(execution, quick, { input, userId: `u${input}` }));
    expect(await Promise.all([short, ...behind])).toEqual(['short', 1, 2, 3]);
    controller.abort();
    expect((await stuck).code).toBe('ERR_JS_ABORTED');
  });

  it('runs elsewhere when the thread has to be ended', { timeout: 60_000 }, async () => {
    const execution = await sandbox({ spareWorkers: 0 });
    const stuck = thrownBy(() => resultOf(execution, spin, { limits: { ...forever, timeoutMs: 200 } }));
    const behind = [1, 2].map((input) => resultOf(execution, quick, { input }));
    expect((await stuck).code).toBe('ERR_JS_TIMEOUT');
    expect(await Promise.all(behind)).toEqual([1, 2]);
  });

  it('runs elsewhere when the call before it waits for the host', { timeout: 60_000 }, async () => {
    const execution = await sandbox();
    while (execution.stats().spareWorkers === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const controller = new AbortController();
    const { signal } = controller;
    const waits = thrownBy(() =>
      resultOf(execution, 'const main = () => storage.get("a");', { storage: never, signal }),
    );
    expect(await resultOf(execution, quick, { input: 1 })).toBe(1);
    controller.abort();
    expect((await waits).code).toBe('ERR_JS_ABORTED');
  });

  it('can be given up without harm to the one that runs', { timeout: 60_000 }, async () => {
    const execution = await sandbox({ spareWorkers: 0 });
    const controller = new AbortController();
    const runs = resultOf(execution, 'function main() { for (let i = 0; i < 1e6; i++); return 1; }');
    const given = thrownBy(() => resultOf(execution, quick, { signal: controller.signal }));
    await Promise.resolve();
    expect(execution.stats()).toMatchObject({ busy: 1, queued: 1 });
    controller.abort();
    expect((await given).code).toBe('ERR_JS_ABORTED');
    expect(await runs).toBe(1);
    expect(execution.stats()).toMatchObject({ replacedWorkers: 0, queued: 0 });
  });

  it('is answered once, whatever happens around it', { timeout: 120_000 }, async () => {
    const execution = await sandbox({ workers: 2 });
    const answers = await Promise.all(
      Array.from({ length: 300 }, async (_, index) => {
        const controller = new AbortController();
        if (index % 25 === 0) setTimeout(() => controller.abort(), index % 7);
        const code = index % 60 === 59 ? spin : quick;
        const limits = code === spin ? { ...forever, timeoutMs: 20 } : {};
        const call = callOf(code, { input: index, userId: `u${index % 3}`, signal: controller.signal, limits });
        return execution.executeJavaScript(call).then(
          ({ result }) => result,
          ({ code: failed }) => failed,
        );
      }),
    );
    for (const [index, answer] of answers.entries()) {
      const expected = index % 60 === 59 ? ['ERR_JS_TIMEOUT', 'ERR_JS_GAS'] : [index];
      expect(index % 25 === 0 ? [...expected, 'ERR_JS_ABORTED'] : expected).toContain(answer);
    }
    expect(execution.stats()).toMatchObject({ busy: 0, queued: 0 });
  });
});
