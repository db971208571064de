import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { OcclumJavaScriptExecution } from '../src/index.ts';
import { differs } from './conformance/differences.ts';
import { onEveryEngine } from './engines.ts';
import { callOf, resultOf, sandbox } from './sandbox.ts';

onEveryEngine(async (engine) => {
  const execution = await sandbox({ engine });
  const run = (code: string, rest = {}) => resultOf(execution, code, rest);
  const failureOf = (code: string, rest = {}) => thrownBy(() => execution.executeJavaScript(callOf(code, rest)));

  describe('a function', () => {
    it('gets input, secrets, function id and user id, and its answer comes back', async () => {
      const code =
        'function main(input, secrets, functionId, userId) { return { input, k: secrets.k, functionId, userId }; }';
      const call = { input: { a: [1, 'x', null, true] }, secrets: { k: 'v' }, functionId: 'fn', userId: 'bob' };
      expect(await run(code, call)).toEqual({ input: call.input, k: 'v', functionId: 'fn', userId: 'bob' });
    });

    it('may be async, an arrow in a const, or a thenable returned from main', async () => {
      expect(await run('async function main() { await null; return 1; }')).toBe(1);
      expect(await run('const main = (n) => n + 1;', { input: 1 })).toBe(2);
      expect(await run('const main = () => ({ then(resolve) { resolve(3); } });')).toBe(3);
    });

    it('gets its arguments as data: code in them is not run', async () => {
      const evil = '"]);globalThis.pwned=1;//\u2028</script>`1`';
      const code =
        'const main = (input, secrets) => ({ same: input === secrets.k, pwned: globalThis.pwned ?? null, input });';
      expect(await run(code, { input: evil, secrets: { k: evil } })).toEqual({ same: true, pwned: null, input: evil });
    });

    it.each([
      ['undefined', null],
      ['null', null],
      ['NaN', null],
      ['-0', 0],
      ['{ a: undefined, b: [undefined, , 1] }', { a: null, b: [null, null, 1] }],
      ['new Date(0)', '1970-01-01T00:00:00.000Z'],
      ['{ toJSON: () => 5 }', 5],
      ['[new Number(1), new String("s"), Object(false)]', [1, 's', false]],
      ['"a\\u0000b\\ud800"', 'a\u0000b\ud800'],
    ])('that returns %s answers %j', async (value, expected) => {
      expect(await run(`const main = () => (${value});`)).toEqual(expected);
    });

    it.each([
      ['1n', '(the result itself)'],
      ['{ a: [0, { "b c": () => 1 }] }', 'a[1]["b c"]'],
      ['{ m: new Map() }', 'm'],
      ['{ s: new Set([1]) }', 's'],
      ['{ e: new Error("x") }', 'e'],
      ['[new Uint8Array(2)]', '[0]'],
      ['{ p: Promise.resolve(1) }', 'p'],
      ['{ x: Symbol("s") }', 'x'],
      ['(() => { let a = []; for (let i = 0; i < 300; i++) a = [a]; return a; })()', '[0]'.repeat(256).slice(0, 500)],
    ])('that returns %s is told which value has no JSON form', async (value, path) => {
      const error = await failureOf(`const main = () => (${value});`);
      expect(error).toMatchObject({ code: 'ERR_JS_NOT_SERIALIZABLE', details: { path } });
    });

    it('keeps an own __proto__ key an own key', async () => {
      const result = await run(`const main = () => JSON.parse('{"__proto__":{"x":1}}');`);
      expect(Object.keys(Object(result))).toEqual(['__proto__']);
      expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    });
  });

  describe('a failure', () => {
    it('of the function carries message, name, line, column and the frames of the user only', async () => {
      const code = 'const helper = (x) =>\n  x.y.z;\nfunction main() {\n  return helper({});\n}';
      const error = await failureOf(code);
      expect(error).toMatchObject({
        code: 'ERR_JS_USER',
        message: differs(engine, 'messages')
          ? "TypeError: Cannot read properties of undefined (reading 'z')"
          : "TypeError: cannot read property 'z' of undefined",
        details: {
          name: 'TypeError',
          line: 2,
          frames: [
            { function: 'helper', file: 'main.js', line: 2 },
            { function: 'main', file: 'main.js', line: 4 },
          ],
        },
      });
    });

    it('of the source names line and column', async () => {
      const error = await failureOf('function main() {\n  return 1 +;\n}');
      expect(error).toMatchObject({ code: 'ERR_JS_SYNTAX', details: { line: 2, column: 13 } });
    });

    it('tells a rejected promise, its causes, and a source without main', async () => {
      const rejected = await failureOf(
        'async function main() { throw new Error("outer", { cause: new TypeError("inner") }); }',
      );
      expect(rejected).toMatchObject({
        code: 'ERR_JS_USER',
        details: { causes: [{ name: 'TypeError', message: 'inner' }] },
      });
      expect(await failureOf('function start() {}')).toMatchObject({ code: 'ERR_JS_USER' });
      expect(await failureOf('throw new Error("while loading")')).toMatchObject({ details: { line: 1 } });
    });

    it.each(['out of memory', 'Maximum call stack size exceeded', 'interrupted', 'stack overflow'])(
      'is the user’s own when it only says "%s"',
      async (text) => {
        for (const type of ['Error', 'RangeError', 'InternalError']) {
          expect((await failureOf(`const main = () => { throw new ${type}("${text}"); }`)).code).toBe('ERR_JS_USER');
        }
      },
    );

    it('keeps the log and the measurements', async () => {
      const error = await failureOf('function main() { console.warn("so far", [1]); throw 1; }');
      expect(error).toMatchObject({
        code: 'ERR_JS_USER',
        message: 'The function threw a number instead of an Error: 1',
        details: { logs: [{ level: 'warn', message: 'so far [1]' }], droppedLogs: 0 },
      });
      expect(Object(error.details)['gasUsed'] > 1000).toBe(!differs(engine, 'gas'));
      expect(Object(error.details)['executionTimeMs']).toBeGreaterThan(0);
      expect(Object(error.details)['peakMemoryBytes']).toBeGreaterThan(1_000_000);
    });

    it('shows no secret, in plain, base64, hex or URL form', async () => {
      const secrets = { key: 'p4ss word/?', nested: { pin: 12345678 } };
      const forms = [
        'p4ss word/?',
        btoa('p4ss word/?'),
        Buffer.from('p4ss word/?').toString('hex'),
        'p4ss%20word%2F%3F',
      ];
      const code = `function main(input, { key, nested }) {
      console.log(key, nested.pin, ...input);
      throw new Error([key, nested.pin, ...input].join(' '), { cause: new Error(key) });
    }`;
      const error = await failureOf(code, { secrets, input: forms });
      const all = JSON.stringify([error.message, error.details]);
      for (const form of [...forms, '12345678']) expect(all).not.toContain(form);
    });
  });

  describe('a sandbox', () => {
    it('has no way to make code from strings, to the clock, to entropy or to shared memory', async () => {
      const names = [
        'eval',
        'SharedArrayBuffer',
        'Atomics',
        'performance',
        'WebAssembly',
        'process',
        'require',
        'fetch',
      ];
      expect(await run(`const main = () => ${JSON.stringify(names)}.filter((name) => name in globalThis);`)).toEqual(
        [],
      );
      for (const make of [
        'Function',
        '(async()=>{}).constructor',
        '(function*(){}).constructor',
        '(async function*(){}).constructor',
      ]) {
        expect(await failureOf(`const main = () => (${make})("return 1");`)).toMatchObject({
          details: { name: 'EvalError' },
        });
      }
      expect((await failureOf('const main = () => import("node:fs");')).code).toBe('ERR_JS_USER');
      expect(await run('const main = () => (() => 1) instanceof Function && new Date().getTimezoneOffset();')).toBe(0);
    });

    it('draws other random numbers in every call, the same for the same seed', async () => {
      const code = 'const main = () => [Math.random(), Math.random()];';
      expect(await run(code)).not.toEqual(await run(code));
      const seeded = await OcclumJavaScriptExecution.create({
        engine,
        workers: 1,
        rng: (n) => new Uint8Array(n).fill(7),
        now: () => 42_000,
      });
      try {
        const first = await resultOf(seeded, code);
        expect(await resultOf(seeded, code)).toEqual(first);
        expect(await resultOf(seeded, 'const main = () => Date.now();')).toBe(42_000);
      } finally {
        await seeded.close();
      }
    });

    it.skipIf(differs(engine, 'gas'))('uses the same gas for the same call, and other gas for other work', async () => {
      const code = 'function main(n) { let s = 0; for (let i = 0; i < n; i++) s += i; return s; }';
      const gas = async (input: number) => (await execution.executeJavaScript(callOf(code, { input }))).gasUsed;
      expect(await gas(1000)).toBe(await gas(1000));
      expect(await gas(2000)).toBeGreaterThan(await gas(1000));
    });

    it('refuses an engine it was not built with, unknown limits, and calls after close', async () => {
      const wasm = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
      expect((await thrownBy(() => OcclumJavaScriptExecution.create({ wasm }))).code).toBe('ERR_INVALID_ARGUMENT');
      const misspelt = { limits: { timeout: 5 } };
      expect((await failureOf('const main = () => 1', misspelt)).code).toBe('ERR_INVALID_ARGUMENT');
      expect((await failureOf('const main = () => 1', { limits: { gas: 0 } })).code).toBe('ERR_INVALID_ARGUMENT');
      expect((await failureOf('const main = () => 1', { limits: { memoryBytes: 2 ** 28 } })).code).toBe(
        'ERR_INVALID_ARGUMENT',
      );
      expect((await failureOf('const main = () => 1', JSON.parse('{"secrets":null}'))).code).toBe(
        'ERR_INVALID_ARGUMENT',
      );
      expect(
        (await failureOf('const main = () => 1', { input: 'x'.repeat(3e6), limits: { memoryBytes: 2 ** 21 } })).code,
      ).toBe('ERR_JS_MEMORY');
      const closed = await OcclumJavaScriptExecution.create({ workers: 1 });
      await closed.close();
      await closed.close();
      expect((await thrownBy(() => resultOf(closed, 'const main = () => 1'))).code).toBe('ERR_DISPOSED');
    });

    it('says so when its workers do not start', async () => {
      const workerUrl = new URL('file:///nowhere/worker.js');
      expect((await thrownBy(() => OcclumJavaScriptExecution.create({ workerUrl }))).code).toBe('ERR_JS_ENGINE_LOST');
    });
  });
});
