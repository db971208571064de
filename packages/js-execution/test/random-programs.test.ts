import { isTeeError } from '@neo-service-layer/tee-interface';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differs } from './conformance/differences.ts';
import { onEveryEngine } from './engines.ts';
import { callOf, resultOf, sandbox } from './sandbox.ts';

onEveryEngine(async (engine) => {
  const execution = await sandbox({ engine, workers: 2 });

  /** Expressions of a small grammar, with faults: wrong types, deep nesting, huge sizes, getters, poisoned built-ins. */
  const expression = fc.letrec<{ any: string }>((tie) => ({
    any: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(
        '0',
        '-1',
        '1e9',
        'NaN',
        '1n',
        '2n ** 90n',
        '"x"',
        '"\\ud800"',
        'null',
        'undefined',
        'v',
        'input',
        'secrets',
      ),
      fc.constantFrom(
        'globalThis',
        'Symbol()',
        'new Map([[1, 2]])',
        '/(a*)*b/',
        'new Date(NaN)',
        'new Proxy({}, {})',
        '() => v',
      ),
      fc.constantFrom(
        'new Uint8Array(1e6)',
        '"ab".repeat(1e5)',
        'Array(1e4).fill(v)',
        'new Error("e")',
        'Promise.reject(1)',
      ),
      fc
        .tuple(tie('any'), fc.constantFrom('+', '*', '**', '<<', '??', '==', 'in', 'instanceof', ','), tie('any'))
        .map(([a, op, b]) => `((${a}) ${op} (${b}))`),
      fc.array(tie('any'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
      fc
        .array(tie('any'), { maxLength: 3 })
        .map((items) => `({ ${items.map((item, i) => `k${i}: ${item}`).join(', ')} })`),
      tie('any').map((a) => `({ get x() { return ${a}; }, toJSON() { return ${a}; } })`),
      tie('any').map((a) => `JSON.stringify(${a})`),
      tie('any').map((a) => `structuredClone(${a})`),
      tie('any').map((a) => `(() => { v = ${a}; return v; })()`),
      tie('any').map((a) => `(await (async () => ${a})())`),
      fc
        .tuple(tie('any'), fc.constantFrom('length', 'constructor', '__proto__', 'then', 'x'))
        .map(([a, key]) => `(${a}).${key}`),
      fc.tuple(tie('any'), tie('any')).map(([a, b]) => `(${a})(${b})`),
      fc.tuple(tie('any'), tie('any')).map(([a, b]) => `Reflect.apply(${a}, ${b}, [${b}])`),
    ),
  })).any;

  const statement = fc.oneof(
    expression.map((e) => `v = ${e};`),
    expression.map((e) => `console.log(${e});`),
    expression.map((e) => `try { v = ${e}; } catch (error) { v = error; }`),
    expression.map((e) => `throw ${e};`),
    expression.map((e) => `Array.prototype[0] = ${e};`),
    expression.map((e) => `Object.prototype.toJSON = () => ${e};`),
    expression.map((e) => `Promise.prototype.then = ${e};`),
    expression.map((e) => `for (let i = 0; ; i++) v = [v, ${e}];`),
    expression.map((e) => `(function f() { f(${e}); })();`),
    expression.map((e) => `queueMicrotask(() => { ${e}; });`),
  );

  const program = fc
    .tuple(fc.array(statement, { minLength: 1, maxLength: 4 }), expression)
    .map(([body, answer]) => `async function main(input, secrets) { let v = 1; ${body.join(' ')} return ${answer}; }`);

  describe('random programs', () => {
    it('end with a result or a documented failure, and never take a worker or another call with them', {
      timeout: 240_000,
    }, async () => {
      // Without gas a program that never ends takes its whole time, and V8 may go down with one: in its own process.
      const metered = !differs(engine, 'gas');
      const memoryBytes = 8 * 1024 * 1024;
      const limits = metered ? { gas: 3_000_000, memoryBytes, timeoutMs: 30_000 } : { memoryBytes, timeoutMs: 1_000 };
      await fc.assert(
        fc.asyncProperty(program, async (code) => {
          const hostile = async () => {
            try {
              const { gasUsed } = await execution.executeJavaScript(
                callOf(code, { limits, input: { a: 1 }, userId: 'm' }),
              );
              return gasUsed;
            } catch (error) {
              if (!isTeeError(error)) throw error;
              expect(error.code).toMatch(/^ERR_JS_/);
              if (metered) expect(error.code).not.toBe('ERR_JS_ENGINE_LOST');
              return error.details?.['gasUsed'];
            }
          };
          const [first, neighbour] = await Promise.all([
            hostile(),
            resultOf(execution, 'const main = (n) => [n].map((x) => x + 1);', { input: 1, userId: 'n' }),
          ]);
          expect(neighbour).toEqual([2]);
          if (metered) expect(await hostile()).toBe(first);
        }),
        { numRuns: metered ? 1000 : 100 },
      );
      expect(execution.stats().replacedWorkers).toBe(0);
    });
  });
});
