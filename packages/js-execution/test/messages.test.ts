import { isTeeError } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import type { JavaScriptCall } from '../src/index.ts';
import { callOf, resultOf, sandbox } from './sandbox.ts';

const execution = await sandbox();

/** What a user gets to read of a failure: message, hint, and the line with a caret, as the CLI prints them. */
async function reportOf(code: string, rest: Partial<JavaScriptCall> = {}): Promise<string> {
  const error = await thrownBy(() => execution.executeJavaScript(callOf(code, rest)));
  if (!isTeeError(error)) throw error;
  const { message, hint, details } = error;
  const excerpt: { file?: string; line?: number; column?: number; text?: string } = Object(details?.['excerpt']);
  const { file, line, column, text } = excerpt;
  const shown = text === undefined ? [] : [`${file}:${line}`, text, `${' '.repeat((column ?? 1) - 1)}^`];
  return [message, ...shown, ...(hint === undefined ? [] : [hint])].join('\n');
}

describe('a user’s mistake is told so that no second look is needed:', () => {
  it('a syntax error', async () => {
    expect(await reportOf('function main() {\n  return 1 +;\n}')).toBe(
      [
        "SyntaxError: unexpected token in expression: ';'",
        'main.js:2',
        '  return 1 +;',
        '            ^',
        'Sources with import or export need kind "module", or "ts" for TypeScript.',
      ].join('\n'),
    );
  });

  it('a TypeError in a helper, in whichever file it is', async () => {
    const files = { 'lib/price.js': '// prices\nexport const price = (order) => order.item.price;' };
    const code = 'import { price } from "./lib/price.js";\nexport default () => price({});';
    expect(await reportOf(code, { kind: 'module', files })).toBe(
      [
        "TypeError: cannot read property 'price' of undefined",
        'lib/price.js:2',
        'export const price = (order) => order.item.price;',
        '                                ^',
      ].join('\n'),
    );
  });

  it('a rejected promise', async () => {
    const code = 'async function main() {\n  await Promise.all([1, Promise.reject(new RangeError("too far"))]);\n}';
    expect(await reportOf(code)).toBe(
      [
        'RangeError: too far',
        'main.js:2',
        '  await Promise.all([1, Promise.reject(new RangeError("too far"))]);',
        '                                           ^',
      ].join('\n'),
    );
  });

  it('a secret that was not given', async () => {
    const code = 'function main(input, secrets) {\n  return secrets.apiKey.length;\n}';
    expect(await reportOf(code, { secrets: { other: 'x' } })).toBe(
      [
        "TypeError: cannot read property 'length' of undefined",
        'main.js:2',
        '  return secrets.apiKey.length;',
        '         ^',
        'The function read secrets.apiKey: no such secret was given.',
      ].join('\n'),
    );
  });

  it.each(['import a from "./a.js";\nexport default a;', 'export default () => \n import("./a.js");'])(
    'a module that is not there: %s',
    async (code) => {
      const report = await reportOf(code, { kind: 'module' });
      expect(report).toMatch(
        /^main\.js imports "\.\/a\.js", which is not one of the function's files\.\nmain\.js:\d\n/,
      );
      expect(report).toMatch(/\n\s+\^\nImports are relative/);
    },
  );

  it('an enum', async () => {
    expect(await reportOf('type A = 1;\nenum B { C }', { kind: 'ts' })).toBe(
      [
        'SyntaxError: an enum is code: only types that can be erased are supported',
        'main.ts:2',
        'enum B { C }',
        '^',
        'Write const objects for enums, files for namespaces, fields for parameter properties.',
      ].join('\n'),
    );
  });

  it.each([
    ['{ code: 5, deep: [1] }', 'The function threw an object instead of an Error: { code: 5, deep: [1] }'],
    ['"text"', 'The function threw a string instead of an Error: text'],
    ['undefined', 'The function threw undefined instead of an Error.'],
    ['null', 'The function threw null instead of an Error.'],
    ['Symbol("s")', 'The function threw a symbol instead of an Error: Symbol(s)'],
    ['() => 1', 'The function threw a function instead of an Error: [Function: (anonymous)]'],
  ])('throwing %s', async (value, message) => {
    const report = `${message}\nThrow an Error: it knows where it was made.`;
    expect(await reportOf(`function main() { throw ${value}; }`)).toBe(report);
    expect(await reportOf(`const main = () => Promise.reject(${value});`)).toBe(report);
  });

  it('no main', async () => {
    expect(await reportOf('function start() {}')).toBe('The source does not declare a function main.');
    expect(await reportOf('export const main = 3;', { kind: 'module' })).toBe(
      'The module exports no function main and no default function.',
    );
  });
});

describe('an excerpt', () => {
  it('is a piece of a long line, with the caret at the same character, also behind wide ones', async () => {
    const code = `const main = () => { ${'1;'.repeat(300)} '😀'; undefined_name; ${'2;'.repeat(300)} };`;
    const [, , text = '', caret = ''] = (await reportOf(code)).split('\n');
    expect(
      Array.from(text)
        .slice(caret.length - 1)
        .join(''),
    ).toMatch(/^undefined_name;/);
    expect(Array.from(text)).toHaveLength(120);
  });

  it('shows no secret', async () => {
    const code = 'function main() { const key = "p4ss-w0rd-long"; return undefined_name; }';
    const report = await reportOf(code, { secrets: { key: 'p4ss-w0rd-long' } });
    expect(report).not.toContain('p4ss-w0rd-long');
    const [, , text = '', caret = ''] = report.split('\n');
    expect(text.slice(caret.length - 1)).toMatch(/^undefined_name/);
  });
});

describe('secrets', () => {
  it('that are missing are undefined, as in any object, and nobody is told when nothing fails', async () => {
    const code = `function main(input, secrets) {
      const { a, none = 'default' } = secrets;
      return [a, none, secrets.other ?? null, 'a' in secrets, 'z' in secrets, Object.keys(secrets), JSON.stringify(secrets), { ...secrets }];
    }`;
    const secrets = { a: 1 };
    expect(await resultOf(execution, code, { secrets })).toEqual([
      1,
      'default',
      null,
      true,
      false,
      ['a'],
      '{"a":1}',
      secrets,
    ]);
    expect(await resultOf(execution, 'const main = async (i, secrets) => await secrets;', { secrets })).toEqual(
      secrets,
    );
  });
});
