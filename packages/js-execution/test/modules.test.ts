import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveImport } from '../src/engine/module-files.ts';
import type { JavaScriptCall } from '../src/index.ts';
import { differs } from './conformance/differences.ts';
import { onEveryEngine } from './engines.ts';
import { callOf, resultOf, sandbox } from './sandbox.ts';

onEveryEngine(async (engine) => {
  const execution = await sandbox({ engine });
  const run = (code: string, rest: Partial<JavaScriptCall> = {}) =>
    resultOf(execution, code, { kind: 'module', ...rest });
  const failureOf = (code: string, rest: Partial<JavaScriptCall> = {}) =>
    thrownBy(() => execution.executeJavaScript(callOf(code, { kind: 'module', ...rest })));

  describe('a module', () => {
    it.each([
      ['export function main(n) { return n + 1; }'],
      ['export default async (n) => n + 1;'],
      ['const plus = (n) => n + 1; export { plus as main };'],
      ['const one = await Promise.resolve(1); export default (n) => n + one;'],
    ])('gives main by name or as its default: %s', async (code) => {
      expect(await run(code, { input: 1 })).toBe(2);
      expect(await run(code, { input: 2 })).toBe(3);
    });

    it('imports the function’s other files, which import each other', async () => {
      const files = {
        'lib/prices.js': 'import { fee } from "../fee.js"; export const price = (n) => n * 2 + fee;',
        'fee.js': 'export const fee = 1;',
      };
      const code = `import { price } from "./lib/prices.js"; export const main = async (n) => [price(n), ${differs(engine, 'dynamicImport') ? 1 : "(await import('./fee.js')).fee"}];`;
      expect(await run(code, { input: 4, files })).toEqual([9, 1]);
    });

    it.each([
      'node:fs',
      'lib.js',
      './missing.js',
      '../main.js',
      '/etc/passwd',
      'https://example.org/x.js',
      './__proto__',
    ])('imports nothing else: %s', async (specifier) => {
      expect((await failureOf(`import x from ${JSON.stringify(specifier)}; export default () => x;`)).code).toMatch(
        /^ERR_JS_/,
      );
      const dynamic = await failureOf(`export default () => import(${JSON.stringify(specifier)});`);
      expect(dynamic).toMatchObject({
        code: 'ERR_JS_USER',
        details: { name: differs(engine, 'dynamicImport') ? 'Error' : 'ReferenceError' },
      });
    });

    it('has its mistakes reported with the file and line they are in', async () => {
      const files = { 'lib.js': 'export const f = (x) =>\n  x.y.z;' };
      const thrown = await failureOf('import { f } from "./lib.js";\nexport const main = () =>\n  f({});', { files });
      expect(thrown).toMatchObject({
        code: 'ERR_JS_USER',
        details: {
          frames: [
            { function: 'f', file: 'lib.js', line: 2 },
            { function: 'main', file: 'main.js', line: 3 },
          ],
        },
      });
      const syntax = await failureOf('import { f } from "./lib.js"; export default f;', {
        files: { 'lib.js': 'export const\nf = ;' },
      });
      expect(syntax).toMatchObject({ code: 'ERR_JS_SYNTAX', details: { line: 2, frames: [{ file: 'lib.js' }] } });
    });

    it('that exports no function, or never finishes its top level, is told so', async () => {
      expect((await failureOf('export const main = 3;')).code).toBe('ERR_JS_USER');
      expect((await failureOf('await new Promise(() => {}); export default () => 1;')).code).toBe(
        'ERR_JS_NEVER_SETTLED',
      );
      expect((await failureOf('await null; throw new TypeError("top"); export default () => 1;')).code).toBe(
        'ERR_JS_USER',
      );
    });
  });

  describe('an import', () => {
    it('never leaves the function’s own files', () => {
      const part = fc.constantFrom('.', '..', 'a', 'b', '', '__proto__', '%2e%2e', '\\..');
      const names = new Set(['main.js', 'a', 'a/b', 'b']);
      fc.assert(
        fc.property(fc.constantFrom(...names), fc.array(part), (base, parts) => {
          const name = resolveImport(base, ['.', ...parts].join('/'), (candidate) => names.has(candidate));
          expect(name === null || names.has(name)).toBe(true);
        }),
      );
    });
  });
});
