import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { onEveryEngine } from '../engines.ts';
import { resultOf, sandbox } from '../sandbox.ts';

/** Ways to grow without end, of which several take V8 down, or do not let it be stopped. */
const bombs: [what: string, body: string][] = [
  ['a Map', 'const m = new Map(); for (let i = 0; ; i++) m.set(i, i);'],
  ['a Set', 'const m = new Set(); for (let i = 0; ; i++) m.add(i);'],
  ['keys of an object', 'const m = {}; for (let i = 0; ; i++) m["k" + i] = i;'],
  ['one array', 'const a = []; for (;;) a.push(1);'],
  ['a built-in’s array', 'return Array.from({ length: 1e9 }, (_, i) => i).length;'],
  ['pieces of a text', 'const k = []; for (;;) k.push("a,".repeat(1e6).split(","));'],
  ['matches', 'const k = []; for (;;) k.push("a".repeat(1e7).match(/a/g));'],
  ['one integer', 'let n = 1n; for (;;) n = (n << 100000000n) * 3n;'],
  ['small buffers', 'const k = []; for (;;) k.push(new Uint8Array(10));'],
  ['proxies', 'let p = {}; for (;;) p = new Proxy(p, {});'],
];

onEveryEngine(async (engine) => {
  describe('growing without end', async () => {
    const execution = await sandbox({ engine, workers: 2 });

    it.each(bombs)('%s is stopped, and harms nobody', { timeout: 60_000 }, async (_what, body) => {
      const limits = { timeoutMs: 3_000 };
      const [error, answer] = await Promise.all([
        thrownBy(() => resultOf(execution, `function main() { ${body} }`, { userId: 'mallory', limits })),
        resultOf(execution, 'const main = () => [1].map((n) => n + 1);', { userId: 'alice' }),
      ]);
      expect(error.code).toMatch(/^ERR_JS_(?:MEMORY|TIMEOUT|GAS)$|^ERR_JS_USER$/);
      if (error.code === 'ERR_JS_USER') expect(error.message).toMatch(/^RangeError: /);
      expect(answer).toEqual([2]);
      expect(await resultOf(execution, 'const main = () => 3;', { userId: 'mallory' })).toBe(3);
    });
  });
});
