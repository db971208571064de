import { performance } from 'node:perf_hooks';
import { defaultJavaScriptLimits } from '../default-limits.ts';
import type { CallRunner } from '../engine/call-runner.ts';

/** A bit of everything that functions do, under a millisecond long once it is warm. */
const program = `async function main(input) {
  class Point { constructor(x) { this.x = x; } get twice() { return this.x * 2; } }
  const list = [];
  for (let i = 0; i < 100; i++) list.push({ i, text: 'n' + i, point: new Point(i), pair: [i, i / 3] });
  const sum = list.filter((e) => e.i & 1).map((e) => e.point.twice).reduce((a, b) => a + b, 0);
  const text = JSON.stringify(list.slice(0, 50));
  const words = text.replace(/[^a-z0-9]+/g, ' ').split(' ').sort((a, b) => (a < b ? -1 : 1));
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const bytes = new Uint8Array(512).map((_, i) => (i * 31) ^ (i >>> 3));
  let hash = 0;
  for (let i = 0; i < 1000; i++) hash = (Math.imul(hash, 33) + bytes[i & 511]) | 0;
  try { null.x; } catch (error) { hash ^= error.message.length; }
  await null;
  return { sum, hash, parsed: JSON.parse(text).length, counts: [...counts].length, big: String(2n ** 200n) };
}`;

/**
 * Runs sample code until V8 has optimized the engine: in a new process the first long call would otherwise stay in the
 * baseline tier, four times slower, until it ends. Workers of one process share the optimized code, so only the first
 * ones do this, in their idle time: each step of the generator is one short call.
 */
export function* warmUp(runner: CallRunner, totalMs: number): Generator<void> {
  let spent = 0;
  while (spent < totalMs) {
    const started = performance.now();
    runner.run({
      code: program,
      kind: 'script',
      files: {},
      capabilities: [],
      tenant: '',
      payload: new TextEncoder().encode('[null,{},"",""]'),
      limits: defaultJavaScriptLimits,
      nowMs: 0,
      seed: 1n,
    });
    runner.clean();
    spent += performance.now() - started;
    yield;
  }
}
