import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultEngineUrl } from '../../src/built-files.ts';
import { CallRunner } from '../../src/engine/call-runner.ts';
import { CodeCache } from '../../src/engine/code-cache.ts';
import { engineHash } from '../../src/engine/engine-hash.ts';
import { GuestCall } from '../../src/engine/guest-call.ts';
import { GuestEngine } from '../../src/engine/guest-engine.ts';
import { defaultJavaScriptLimits, type JavaScriptLimits } from '../../src/index.ts';
import type { GuestCall as GuestCallRequest } from '../../src/sandbox-engine.ts';

const mib = 1024 * 1024;
const wasm = readFileSync(defaultEngineUrl());
const module = new WebAssembly.Module(wasm);

function request(
  code: string,
  values: unknown = [null, {}, 'f', 'u'],
  limits: Partial<JavaScriptLimits> = {},
): GuestCallRequest {
  return {
    code,
    kind: 'script',
    files: {},
    capabilities: [],
    tenant: 'u',
    payload: new TextEncoder().encode(JSON.stringify(values)),
    limits: { ...defaultJavaScriptLimits, ...limits },
    nowMs: 0,
    seed: 1n,
  };
}

const contains = (bytes: Uint8Array, text: string) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(text);

describe('the built engine', () => {
  it('is the pinned one', () => {
    expect(createHash('sha256').update(wasm).digest('hex')).toBe(engineHash);
  });

  it('has no import but the host port, so a guest reaches nothing else', () => {
    const imports = WebAssembly.Module.imports(module).map(({ module: from, name }) => `${from}.${name}`);
    expect(imports.sort()).toEqual([
      'env.host_call',
      'env.host_get_timezone_offset',
      'env.host_interrupt',
      'env.host_module_load',
      'env.host_module_normalize',
      'env.host_promise_rejection',
      'env.memory',
      'wasi_snapshot_preview1.clock_time_get',
      'wasi_snapshot_preview1.fd_close',
      'wasi_snapshot_preview1.fd_fdstat_get',
      'wasi_snapshot_preview1.fd_seek',
      'wasi_snapshot_preview1.fd_write',
      'wasi_snapshot_preview1.random_get',
    ]);
  });

  it('starts every instance in the same state, which the hash covers', () => {
    const [first, second] = [new GuestEngine(module, 8 * mib), new GuestEngine(module, 8 * mib)];
    expect(Buffer.compare(first.image, second.image)).toBe(0);
    expect(first.memoryBytes).toBeLessThanOrEqual(2 * mib);
  });
});

describe('after a call', () => {
  const canaries = [
    'CANARY-INPUT-7f3a',
    'CANARY-SECRET-91bc',
    'CANARY-RESULT-55e0',
    'CANARY-LOG-02d4',
    'CANARY-SOURCE-c8',
  ];
  const code = `/* CANARY-SOURCE-c8 */ async function main(input, secrets) {
    globalThis.kept = [input, secrets.k, secrets.k.repeat(3), JSON.stringify(secrets)];
    console.log(['CANARY', 'LOG-02d4'].join('-'));
    await null;
    return ['CANARY', 'RESULT-55e0'].join('-');
  }`;

  it('nothing of it is left in the engine: no secret, input, result, log line or source', () => {
    const engine = new GuestEngine(module, 72 * mib);
    engine.reset();
    const call = request(code, [canaries[0], { k: canaries[1] }, 'f', 'u']);
    const outcome = new GuestCall(engine, call, new CodeCache(0)).run();
    expect(outcome).toMatchObject({ status: 'ok', json: '"CANARY-RESULT-55e0"' });
    for (const canary of canaries.slice(0, 2)) expect(contains(engine.bytes, canary)).toBe(true);
    expect(engine.reset()).toBe(true);
    expect(canaries.some((canary) => contains(engine.bytes, canary))).toBe(false);
    expect(Buffer.compare(engine.bytes, engine.image)).toBe(0);
    expect(call.payload.every((byte) => byte === 0)).toBe(true);
  });

  it('that grew the memory, the memory is overwritten and not used again', () => {
    const engine = new GuestEngine(module, 72 * mib);
    engine.reset();
    const grow = `const main = (input, { k }) => { globalThis.kept = Array.from({ length: 300000 }, (_, i) => k + i); return 1; };`;
    expect(
      new GuestCall(engine, request(grow, [null, { k: canaries[1] }, 'f', 'u']), new CodeCache(0)).run().status,
    ).toBe('ok');
    expect(contains(engine.bytes, canaries[1] ?? '')).toBe(true);
    expect(engine.reset()).toBe(false);
    expect(engine.bytes.every((byte) => byte === 0)).toBe(true);
  });

  it('that ended by force, the next one starts afresh', () => {
    const runner = new CallRunner(module, 72 * mib, mib);
    const probe = 'const main = () => [typeof left, Object.keys(globalThis).length];';
    const clean = runner.run(request(probe));
    for (const end of [
      'for (;;);',
      'throw left',
      'left.push(...new Array(1e7).fill(left))',
      '(function f() { f(); })()',
    ]) {
      const ended = runner.run(request(`var left = []; function main() { ${end} }`, undefined, { gas: 20_000_000 }));
      expect(ended.status).toBe('failed');
      runner.clean();
      const { measurements, ...verdict } = runner.run(request(probe));
      expect(verdict).toEqual({ status: 'ok', json: clean.status === 'ok' ? clean.json : '' });
      expect(measurements?.gasUsed).toBe(clean.measurements?.gasUsed);
    }
  });
});

describe('a guest that does not stop', () => {
  const runner = new CallRunner(module, 72 * mib, mib);

  it.each([
    ['a loop with finally', 'function main() { try { for (;;); } finally { for (;;); } }'],
    ['a loop that catches everything', 'function main() { for (;;) { try { for (;;); } catch {} } }'],
    ['a loop in a builtin', 'const main = () => Array.prototype.indexOf.call({ length: 2 ** 40 }, 1);'],
    ['a long join', 'const main = () => new Array(1e9).join("").length;'],
    ['a big fill', 'function main() { const a = new Uint8Array(4e7); for (;;) a.fill(1); }'],
    ['a loop while loading', 'for (;;);'],
    ['a loop in a getter of the result', 'const main = () => ({ get a() { for (;;); } });'],
    ['a loop in a thenable', 'const main = () => ({ then() { for (;;); } });'],
    ['an endless generator', 'const main = () => { for (const x of (function* () { for (;;) yield 1; })()); };'],
  ])('is stopped when its gas is gone: %s', (_what, code) => {
    const outcome = runner.run(request(code, undefined, { gas: 5_000_000 }));
    expect(outcome).toMatchObject({ status: 'failed', code: 'ERR_JS_GAS', measurements: { gasUsed: 5_000_000 } });
    runner.clean();
  });

  it('is stopped at its deadline, soon after it', () => {
    const outcome = runner.run(
      request('async function main() { for (;;) await null; }', undefined, { timeoutMs: 100 }),
    );
    expect(outcome).toMatchObject({ status: 'failed', code: 'ERR_JS_TIMEOUT' });
    expect(outcome.measurements?.executionTimeMs).toBeLessThan(1_000);
  });

  it('while describing what it threw gets its error told without it', () => {
    const code = `function main() {
      throw Object.defineProperty(new Error('x'), 'message', { get() { for (;;); } });
    }`;
    expect(runner.run(request(code))).toMatchObject({
      status: 'failed',
      code: 'ERR_JS_USER',
      thrown: { message: 'the thrown value could not be described' },
    });
    expect(runner.run(request('const main = () => 1;'))).toMatchObject({ status: 'ok', json: '1' });
  });
});
