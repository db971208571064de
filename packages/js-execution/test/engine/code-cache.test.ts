import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultEngineUrl } from '../../src/built-files.ts';
import { CodeCache } from '../../src/engine/code-cache.ts';
import { GuestCall } from '../../src/engine/guest-call.ts';
import { GuestEngine } from '../../src/engine/guest-engine.ts';
import { defaultJavaScriptLimits } from '../../src/index.ts';
import type { Outcome } from '../../src/outcome.ts';
import type { GuestCall as GuestCallRequest } from '../../src/sandbox-engine.ts';

const mib = 1024 * 1024;
const module = new WebAssembly.Module(readFileSync(defaultEngineUrl()));
const engine = new GuestEngine(module, 72 * mib);

function requestOf(code: string, change: Partial<GuestCallRequest> = {}): GuestCallRequest {
  const payload = new TextEncoder().encode('["CANARY-INPUT-1",{"k":"CANARY-SECRET-2"},"f","u"]');
  const limits = { ...defaultJavaScriptLimits };
  return {
    code,
    kind: 'script',
    files: {},
    capabilities: [],
    tenant: 'u',
    payload,
    limits,
    nowMs: 5,
    seed: 9n,
    ...change,
  };
}

function run(cache: CodeCache, code: string, change: Partial<GuestCallRequest> = {}): Outcome {
  expect(engine.reset()).toBe(true);
  return new GuestCall(engine, requestOf(code, change), cache).run();
}

const code = `let n = 0;
  const table = Array.from({ length: 500 }, (_, i) => ({ i }));
  async function main(input, secrets) { n += 1; table.push(secrets); return { n, length: table.length, r: Math.random(), now: Date.now() }; }`;

describe('the code cache', () => {
  it('gives the same answer for the same gas as evaluating the source does, every time', () => {
    const cache = new CodeCache(mib);
    const [first, second, third] = [run(cache, code), run(cache, code), run(cache, code)];
    expect(cache.bytes).toBeGreaterThan(0);
    for (const outcome of [second, third, run(new CodeCache(0), code)]) {
      expect(outcome).toMatchObject({ status: 'ok', json: first.status === 'ok' ? first.json : '' });
      expect(outcome.measurements?.gasUsed).toBe(first.measurements?.gasUsed);
    }
  });

  it('gives every call its own chance and time', () => {
    const cache = new CodeCache(mib);
    run(cache, code);
    const other = run(cache, code, { seed: 10n, nowMs: 6 });
    expect(other).not.toMatchObject(run(cache, code));
    expect(other.status === 'ok' ? JSON.parse(other.json) : null).toMatchObject({ n: 1, length: 501, now: 6 });
  });

  it('holds no input, secret or result', () => {
    const cache = new CodeCache(mib);
    run(cache, code);
    run(cache, code);
    const kept = cache.find(CodeCache.key(requestOf(code)));
    const all = Buffer.concat((kept?.patches ?? []).map((patch) => patch.bytes));
    expect(all.length).toBeGreaterThan(1000);
    for (const canary of ['CANARY-INPUT-1', 'CANARY-SECRET-2']) expect(all.includes(canary)).toBe(false);
  });

  it.each([
    ['reads the clock', 'const at = Date.now(); const main = () => at;'],
    ['draws a random number', 'const r = Math.random(); const main = () => r;'],
    ['writes to the log', 'console.log("loading"); const main = () => 1;'],
    ['leaves a rejection behind', 'Promise.reject(new Error("x")); const main = () => 1;'],
    ['grows the memory', 'const big = new Uint8Array(4e6); const main = () => 1;'],
    ['throws', 'const main = () => 1; throw 1;'],
  ])('does not keep a source that %s while it is evaluated', (_what, source) => {
    const cache = new CodeCache(mib);
    const first = new GuestEngine(module, 72 * mib);
    new GuestCall(first, requestOf(source), cache).run();
    expect(cache.bytes).toBe(0);
  });

  it('is not shared between tenants, nor between calls with other limits', () => {
    const cache = new CodeCache(mib);
    run(cache, code);
    expect(cache.find(CodeCache.key(requestOf(code)))).toBeDefined();
    expect(cache.find(CodeCache.key(requestOf(code, { tenant: 'other' })))).toBeUndefined();
    const limits = { ...defaultJavaScriptLimits, stackBytes: 65_536 };
    expect(cache.find(CodeCache.key(requestOf(code, { limits })))).toBeUndefined();
  });

  it('fails a call whose gas does not suffice for evaluating, cached or not', () => {
    const cache = new CodeCache(mib);
    run(cache, code);
    const outcome = run(cache, code, { limits: { ...defaultJavaScriptLimits, gas: 5_000 } });
    expect(outcome).toMatchObject({ status: 'failed', code: 'ERR_JS_GAS' });
  });

  it('stays within its bytes, dropping what was not used for the longest time', () => {
    const cache = new CodeCache(3_000);
    const patches = [{ address: 0, bytes: new Uint8Array(900) }];
    const stored = (key: string) => cache.store(key, { patches, gas: 1n, entry: 0 });
    for (const key of ['a', 'b', 'c']) stored(key);
    cache.find('a');
    stored('d');
    expect(['a', 'b', 'c', 'd'].map((key) => cache.find(key) !== undefined)).toEqual([true, false, true, true]);
    expect(cache.bytes).toBeLessThanOrEqual(3_000);
    cache.store('huge', { patches: [{ address: 0, bytes: new Uint8Array(4_000) }], gas: 1n, entry: 0 });
    expect(cache.find('huge')).toBeUndefined();
  });
});
