import { isTeeError } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonObject } from '../../src/json/strict-json.ts';

/** The same value, with ordinary prototypes. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

const limit = 1024 * 1024;

describe('strict JSON', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
        fc.constantFrom(undefined, 1, '\t'),
        (value, space) => {
          const text = JSON.stringify(value, null, space);
          fc.pre(!text.includes('"__proto__"'));
          expect(plain(parseJsonObject(text, limit).value)).toEqual(JSON.parse(text));
        },
      ),
    );
  });

  it('refuses what JSON.parse refuses, with its own code', () => {
    const nearJson = fc.array(
      fc.constantFrom('{', '}', '[', ']', '"a"', '"', ':', ',', '1', '-', '.5', 'e9', 'true', 'nul', ' ', '\\', '\n'),
      { maxLength: 14 },
    );
    fc.assert(
      fc.property(nearJson, (parts) => {
        const text = `{${parts.join('')}`;
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        try {
          parseJsonObject(text, limit);
          expect(isJson).toBe(true);
        } catch (error) {
          if (!isTeeError(error)) throw error;
          expect(error.code).toBe('ERR_COLLATERAL_FORMAT');
          if (isJson) expect(error.message).toContain('twice');
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('keeps the exact source of each member', () => {
    const text = '{ "a" : { "x" : 1.50 } ,\n"b":"\\u0041"}';
    const { value, source } = parseJsonObject(text, limit);
    expect(source.get('a')).toBe('{ "x" : 1.50 }');
    expect(source.get('b')).toBe('"\\u0041"');
    expect(value['b']).toBe('A');
  });

  it.each([
    ['a member that occurs twice', '{"a":1,"a":1}'],
    ['a member that occurs twice in two spellings', '{"a":1,"\\u0061":1}'],
    ['a member that occurs twice further in', '{"x":[{"a":1,"a":2}]}'],
    ['a second document', '{} {}'],
    ['an array', '[]'],
    ['a byte order mark', '\ufeff{}'],
    ['a control character in a string', '{"a":"\u0001"}'],
    ['an unknown escape', '{"a":"\\x41"}'],
    ['a comment', '{/**/}'],
    ['a leading zero', '{"a":01}'],
    ['nothing', ''],
    ['endless nesting', `{"a":${'['.repeat(100_000)}`],
    ['an endless string', `{"a":"${'x'.repeat(500_000)}`],
    ['more than a megabyte', `{"a":"${'x'.repeat(1_100_000)}"}`],
  ])('refuses %s', async (_, text) => {
    expect((await thrownBy(() => parseJsonObject(text, limit))).code).toBe('ERR_COLLATERAL_FORMAT');
  });

  it('finds the value of each member by a second reading', () => {
    const member = fc.tuple(fc.string({ unit: 'binary' }), fc.jsonValue());
    fc.assert(
      fc.property(fc.uniqueArray(member, { selector: ([name]) => name, maxLength: 8 }), (members) => {
        const texts = members.map(([name, value]) => [JSON.stringify(name), JSON.stringify(value)] as const);
        const text = `{${texts.map(([name, value]) => ` ${name} :\t${value}\n`).join(',')}}`;
        fc.pre(!text.includes('"__proto__"'));
        const { source } = parseJsonObject(text, limit);
        expect([...source]).toEqual(members.map(([name, value]) => [name, JSON.stringify(value)]));
      }),
    );
  });

  it('refuses a doubled member wherever it stands, and nothing else', () => {
    const names = ['a', '\\u0061', 'b', '\\"', ':', '{', 'c\\\\'];
    const values = ['1', '":"', '"\\""', '[]', '"}"', '[{"x":1},{"x":2}]'];
    interface Written {
      text: string;
      isDoubled: boolean;
    }
    const { object } = fc.letrec<{ object: Written; value: Written }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(...values).map((text) => ({ text, isDoubled: false })),
        tie('object'),
      ),
      object: fc.array(fc.tuple(fc.constantFrom(...names), tie('value')), { maxLength: 4 }).map((members) => ({
        text: `{${members.map(([name, { text }]) => `"${name}":${text}`).join(',')}}`,
        isDoubled:
          new Set(members.map(([name]) => JSON.parse(`"${name}"`))).size < members.length ||
          members.some(([, { isDoubled }]) => isDoubled),
      })),
    }));
    fc.assert(
      fc.property(object, ({ text, isDoubled }) => {
        let isRefused = false;
        try {
          parseJsonObject(text, limit);
        } catch (error) {
          if (!isTeeError(error)) throw error;
          isRefused = true;
        }
        expect(isRefused).toBe(isDoubled);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses a member that would be a prototype', async () => {
    for (const text of ['{"__proto__":{"polluted":true}}', '{"a":{"\\u005f_proto__":1}}']) {
      expect((await thrownBy(() => parseJsonObject(text, limit))).code).toBe('ERR_COLLATERAL_FORMAT');
    }
    expect(Object.keys(parseJsonObject('{"constructor":1}', limit).value)).toEqual(['constructor']);
  });
});
