import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isTeeError } from '@neo-service-layer/tee-interface';
import { sharedFolder, thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import type { JavaScriptCall } from '../../src/index.ts';
import { differs } from '../conformance/differences.ts';
import { onEveryEngine } from '../engines.ts';
import { callOf, resultOf, sandbox } from '../sandbox.ts';

onEveryEngine(async (engine) => {
  const execution = await sandbox({ engine });
  const run = (code: string, rest: Partial<JavaScriptCall> = {}) => resultOf(execution, code, { kind: 'ts', ...rest });
  const failureOf = (code: string, rest: Partial<JavaScriptCall> = {}) =>
    thrownBy(() => execution.executeJavaScript(callOf(code, { kind: 'ts', ...rest })));
  const adversarial = sharedFolder('adversarial');

  describe('a function in TypeScript', () => {
    it('runs as a script, or as a module when it imports or exports', async () => {
      expect(await run('function main(n: number): number { return n! + 1; }', { input: 1 })).toBe(2);
      expect(await run('type N = number;\nexport const main = async (n: N) => n satisfies N;', { input: 3 })).toBe(3);
      expect(await run('export default <T>(n: T): T => n as T;', { input: 4 })).toBe(4);
    });

    it('imports files in TypeScript and JavaScript, which a module in JavaScript may do too', async () => {
      const files = {
        'lib/prices.ts':
          'import type { Fee } from "../fee.ts"; import { fee } from "../fee.ts"; export const price = (n: number): Fee => n * 2 + fee;',
        'fee.ts': 'export type Fee = number; export const fee: Fee = 1;',
        'plain.js': 'export const ten = 10;',
      };
      const code =
        'import { price } from "./lib/prices.ts"; import { ten } from "./plain.js"; export const main = (n) => price(n) + ten;';
      expect(await run(`${code}; type T = 1;`, { input: 4, files })).toBe(19);
      expect(await resultOf(execution, code, { kind: 'module', input: 4, files })).toBe(19);
    });

    it.runIf(adversarial !== null)('has the lines, columns and frames of its twin in JavaScript', async () => {
      const plain = readFileSync(join(adversarial ?? '', '18-error-position.js'), 'utf8');
      const typed = plain
        .replace('// a comment line', 'type A = {') // Two lines of types where there were a comment and a statement.
        .replace('const items = order.items;', '  x: number };')
        .replace('order.items', 'order.items')
        .replace('return items.map((w)', 'return order.items.map((w)');
      const twin = plain
        .replace('return items.map((w)', 'return order.items.map((w)')
        .replace('const items = order.items;', '');
      const typedFrames = Object((await failureOf(typed.replace('});', '} as any)  ;'))).details);
      const twinFrames = Object((await failureOf(twin, { kind: 'script' })).details);
      expect(typedFrames['line']).toBe(7);
      expect(JSON.parse(JSON.stringify(typedFrames['frames']).replaceAll('main.ts', 'main.js'))).toEqual(
        twinFrames['frames'],
      );
    });

    it('has its positions right behind letters of any width, in types and out of them', async () => {
      const code = 'function main(ä: "é€😀", 𝒃: number) { return [ä as "é€😀", wröng.x]; }';
      const error = await failureOf(code);
      expect(error.details).toMatchObject({ name: 'ReferenceError', line: 1, column: code.indexOf('wröng') + 1 });
      const enumeration = 'const ä: "€" = "😀"; enum E {}';
      expect((await failureOf(enumeration)).details).toMatchObject({ column: enumeration.indexOf('enum') + 1 });
    });

    it('that has syntax which is code, or is wrong, is told file, line and column', async () => {
      expect(await failureOf('const a = 1;\n  enum E { A }')).toMatchObject({
        code: 'ERR_JS_SYNTAX',
        details: { line: 2, column: 3, frames: [{ file: 'main.ts' }] },
      });
      const files = { 'a.ts': 'export const a = 1;\nexport namespace N { export const b = 1 }' };
      expect(await failureOf('import "./a.ts"; export default () => 1;', { files })).toMatchObject({
        code: 'ERR_JS_SYNTAX',
        details: { line: 2, column: 8, frames: [{ file: 'a.ts' }] },
      });
      // The types are gone by then, and positions are still those of the user's source.
      expect(await failureOf('type A = {\n};\nfunction main(a: A) { return 1 + ; }')).toMatchObject({
        code: 'ERR_JS_SYNTAX',
        details: { line: 3 },
      });
    });

    it.skipIf(differs(engine, 'gas'))(
      'costs the same gas whether its sources are known or not, and all of it counts',
      async () => {
        const code =
          'function main(a: number): number { let s: number = 0; for (let i = 0; i < 100; i++) s += i; return s; }';
        const gas = async (limits = {}, userId = 'u') =>
          (await execution.executeJavaScript(callOf(code, { kind: 'ts', limits, userId }))).gasUsed;
        const first = await gas();
        expect([await gas(), await gas({}, 'v')]).toEqual([first, first]);
        expect(await gas({ gas: first })).toBe(first);
        expect((await failureOf(code, { limits: { gas: first - 1 } })).code).toBe('ERR_JS_GAS');
        expect((await failureOf(code, { limits: { gas: 1_000 }, userId: 'w' })).code).toBe('ERR_JS_GAS');
      },
    );

    it.each([
      ['deep nesting', `${'('.repeat(100_000)}`],
      ['deep types', `type A = ${'Array<'.repeat(50_000)}`],
      ['a quarter MiB of tokens', ';'.repeat(256 * 1024)],
      ['guesses within guesses', `const a = ${'a?(b?(c=>'.repeat(30)}`],
      ['generic guesses', `${'a<b<'.repeat(2_000)}`],
      ['arrows within arrows', `${'(a = '.repeat(40)}`],
    ])('that is made to hang or crash the parser harms nobody: %s', async (_what, hostile) => {
      const limits = { timeoutMs: 20_000, ...(differs(engine, 'gas') ? {} : { gas: 100_000_000 }) };
      try {
        await execution.executeJavaScript(callOf(`${hostile}\nfunction main() {}`, { kind: 'ts', limits }));
      } catch (error) {
        if (!isTeeError(error)) throw error;
        expect(error.code).toMatch(/^ERR_JS_(?:SYNTAX|STACK|GAS|MEMORY|USER|TIMEOUT)$/);
      }
      expect(await run('const main = (): number => 5;')).toBe(5);
      expect(execution.stats().replacedWorkers).toBe(0);
    });
  });
});
