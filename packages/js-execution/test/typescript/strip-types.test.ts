import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { type Stripped, stripTypes } from '../../tools/typescript/strip-types.ts';

const codeOf = (stripped: Stripped): string => {
  if ('fault' in stripped) throw new Error(`${stripped.fault} (${stripped.line}:${stripped.column})`);
  return stripped.code;
};
/** What is left, with runs of blanks as one space: easier to read than the exact blanks. */
const left = (source: string) => codeOf(stripTypes(source)).replace(/\s+/g, ' ').trim();
const faultOf = (source: string) => {
  const stripped = stripTypes(source);
  return 'fault' in stripped ? stripped : null;
};

describe('types', () => {
  it.each([
    ['let a: number = 1;', 'let a = 1;'],
    ['let a!: number;', 'let a ;'],
    [
      'function f<T>(this: X, a?: T, ...b: T[]): asserts a is T { return a!; }',
      'function f ( a , ...b ) { return a ; }',
    ],
    ['const f = async <T,>(a: T): Promise<T> => a as unknown as T;', 'const f = async (a ) => a ;'],
    ['const x = <any>y + (z satisfies Z);', 'const x = y + (z );'],
    ['f<number>(1); new Map<string, number>(); tag<T>`x`;', 'f (1); new Map (); tag `x`;'],
    ['const a = b < c, d = e > f;', 'const a = b < c, d = e > f;'],
    ['interface A extends B<C> { x: number; m(): void } f();', '; f();'],
    ['type A<T> = { [K in keyof T]?: T[K] extends infer U ? U : never }; f();', '; f();'],
    ['declare const a: number; declare function g(): void; declare module "m" { const b: 1 } f();', '; f();'],
    ['declare namespace N { const a: 1 } declare enum E { A } f();', '; f();'],
    ['function o(a: string): void; function o(a: any) {}', '; function o(a ) {}'],
    ['try {} catch (e: unknown) {}', 'try {} catch (e ) {}'],
    ['for (const x of xs as number[]) {}', 'for (const x of xs ) {}'],
    [
      'type = 1; as = 2; let satisfies = type; declare(1); namespace\nmodule',
      'type = 1; as = 2; let satisfies = type; declare(1); namespace module',
    ],
    [
      'const o = { m<T>(a: T): T { return a }, get x(): number { return 1 } };',
      'const o = { m (a ) { return a }, get x() { return 1 } };',
    ],
    ['a!.b!()![0]; a != b; !a;', 'a .b () [0]; a != b; !a;'],
    ['let x = a ? (b) : (c => d);', 'let x = a ? (b) : (c => d);'],
    ['let x = y as const;', 'let x = y ;'],
  ])('%s', (source, expected) => {
    expect(left(source)).toBe(expected);
  });

  it.each([
    ['abstract class A<T> extends B<T> implements I, J<T> {}', 'class A extends B {}'],
    [
      'class A { private readonly x: number = 1; protected static y?: string; z!: T; }',
      'class A { x = 1; static y ; z ; }',
    ],
    ['class A { declare x: number; declare readonly [k]: T; y = 1 }', 'class A { ; ; y = 1 }'],
    [
      'abstract class A { abstract x: number; abstract m(): void; abstract get g(): T; n(): void {} }',
      'class A { ; ; ; n() {} }',
    ],
    [
      'class A { [key: string]: any; static [k: string]: T; m(a: string): void; m(a: any) {} override o() {} }',
      'class A { ; m(a ) {} o() {} }',
    ],
    [
      'class A { constructor(a: number, b = 1) {} m?(): void; declare; abstract() {} }',
      'class A { constructor(a , b = 1) {} ; declare; abstract() {} }',
    ],
  ])('of classes: %s', (source, expected) => {
    expect(
      left(source)
        .replace(/(?:; )+;/g, '; ;')
        .replace(/(; )+/g, '; '),
    ).toBe(expected.replace(/(?:; )+;/g, '; ;').replace(/(; )+/g, '; '));
  });

  it.each([
    ['import type { A } from "./a.ts"; f();', '; f();'],
    ['import type A from "./a.ts" with { type: "x" }\nf();', '; f();'],
    ['import type * as A from "./a.ts"; f();', '; f();'],
    ['import type from "./a.ts";', 'import type from "./a.ts";'],
    ['import type, { b } from "./a.ts";', 'import type, { b } from "./a.ts";'],
    ['import { type A, b, type C as D } from "./a.ts";', 'import { b, } from "./a.ts";'],
    ['export { type A, b };', 'export { b };'],
    ['export type { A }; export type { B } from "./b.ts"; export type * from "./c.ts"; f();', '; ; ; f();'],
    ['export type A = 1; export interface B {} export declare const c: 1; f();', '; f();'],
    ['export default interface A {}\nf();', '; f();'],
    ['export abstract class A {}', 'export class A {}'],
  ])('in imports and exports: %s', (source, expected) => {
    expect(left(source)).toBe(expected);
  });

  it('leave everything else where it was, line and column', () => {
    const source = `interface A {\r\n  x: "}";\n}\nconst π = (a: A): string =>\n  \`\${a.x as string}\`;\u2028f<A>(g!);`;
    const code = codeOf(stripTypes(source));
    expect(Buffer.byteLength(code)).toBe(Buffer.byteLength(source));
    for (const piece of ['const π = (a', '=>', '${a.x', '`;', 'f<', '(g', ');']) {
      expect(code.indexOf(piece.replace('<', ' '), 20)).toBe(source.indexOf(piece, 20));
    }
    expect(code.match(/[\n\r\u2028]/g)).toEqual(source.match(/[\n\r\u2028]/g));
  });

  it.each([
    ['a type that ends a line', 'let r = 0\ntype T = 1\n;(() => { r = 1 })()\nreturn r', 1],
    ['an assertion before a parenthesis', 'let r = 1\nconst f = (x: number) => x as number\n(r = 2)\nreturn r', 2],
    ['a statement of types between two lines', 'let r = (x) => x\ntype T = 1\n(r = 3)\nreturn r', 3],
    ['a return type over lines', 'const r = (a: number):\n  number => a + 1\nreturn r(3)', 4],
    ['type parameters over lines', 'return <\n  T,\n>(a: T) => a', undefined],
    [
      'an async arrow with type parameters over lines',
      'const f = async <\nT>\n(a: T) => a\nreturn typeof f',
      'function',
    ],
  ])('do not change what the rest means: %s', (_what, body, expected) => {
    const result = new Function(codeOf(stripTypes(`function f() {${body}}`)).replace(/$/, '\nreturn f();'))();
    expect(typeof result === 'function' ? result(undefined) : result).toBe(expected);
  });
});

describe('the sources of this package', () => {
  const folder = new URL('../../', import.meta.url);
  const files = ['src', 'tools'].flatMap((name) =>
    readdirSync(new URL(name, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /(?<!\.d)\.ts$/.test(file))
      .map((file) => `${name}/${file}`),
  );
  /** One printer for both. It keeps the parentheses and commas that types leave behind, and says differently that a file is a module. */
  const printed = (code: string, fileName: string) => {
    const compilerOptions = { target: ts.ScriptTarget.ESNext, verbatimModuleSyntax: true, removeComments: true };
    const { outputText } = ts.transpileModule(code, { fileName, compilerOptions });
    return outputText.replace(/"use strict";|export \{ ?\};|[(),;\s]/g, '');
  };

  it('are stripped as the TypeScript compiler does it', () => {
    for (const file of files) {
      const source = readFileSync(new URL(file, folder), 'utf8');
      const code = codeOf(stripTypes(source));
      expect(Buffer.byteLength(code), file).toBe(Buffer.byteLength(source));
      expect(printed(code, 'a.js'), file).toBe(printed(source, 'a.ts'));
    }
  });
});

describe('a source', () => {
  it('is a module when it imports or exports, be it types', () => {
    const isModule = (source: string) => {
      const stripped = stripTypes(source);
      return 'module' in stripped && stripped.module;
    };
    for (const source of ['export {}', 'import "./a.ts"', 'export type A = 1;', 'import type A from "./a.ts"'])
      expect(isModule(source)).toBe(true);
    for (const source of ['import("./a.ts")', 'function main() {}', 'type A = import("./b.ts").B'])
      expect(isModule(source)).toBe(false);
  });

  it.each([
    ['const a = 1;\n  enum E { A }', 2, 3],
    ['export const enum E { A }', 1, 14],
    ['namespace N { export const a = 1 }', 1, 1],
    ['f();\nexport namespace N.M { export type A = 1 }', 2, 8],
    ['module N { }', 1, 1],
    ['class A {\n  constructor(private x: number) {}\n}', 2, 15],
    ['class A { constructor(a: 1,\n readonly b = 2) {} }', 2, 2],
    ['import a = require("a");', 1, 1],
    ['import type a = require("a");', 1, 1],
    ['import a = b.c;', 1, 1],
    ['export = 1;', 1, 1],
    ['let x: = 1;', 1, 8],
    ['function main() {\n  return (1;\n}', 2, 12],
    ['type A = ', 1, 10],
  ])('that cannot be stripped is told where: %s', (source, line, column) => {
    expect(faultOf(source)).toMatchObject({ line, column });
  });
});
