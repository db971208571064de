import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onEveryEngine } from '../engines.ts';
import { resultOf, sandbox } from '../sandbox.ts';

onEveryEngine(async (engine) => {
  const execution = await sandbox({ engine });

  describe('TextEncoder and TextDecoder', () => {
    it('do what those of Node do, for every text and every byte string', async () => {
      const code = `const main = ({ text, bytes }) => [
      Array.from(new TextEncoder().encode(text)),
      new TextDecoder().decode(new Uint8Array(bytes)),
      new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array(bytes)),
    ];`;
      const interesting = fc.constantFrom(
        0x00,
        0x7f,
        0x80,
        0xbf,
        0xc1,
        0xc2,
        0xdf,
        0xe0,
        0xa0,
        0xed,
        0x9f,
        0xef,
        0xbb,
        0xf0,
        0x90,
        0xf4,
        0x8f,
        0xf5,
      );
      const bytesOf = fc.array(fc.oneof(interesting, fc.integer({ min: 0, max: 255 })), { maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: 'binary' }), bytesOf, async (text, bytes) => {
          const raw = new Uint8Array(bytes);
          expect(await resultOf(execution, code, { input: { text, bytes } })).toEqual([
            Array.from(new TextEncoder().encode(text)),
            new TextDecoder().decode(raw),
            new TextDecoder('utf-8', { ignoreBOM: true }).decode(raw),
          ]);
        }),
        { numRuns: 200 },
      );
    });

    it('refuse bytes that are no text when asked to, and other encodings', async () => {
      const fatal = 'const main = () => new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff]));';
      expect(await thrownBy(() => resultOf(execution, fatal))).toMatchObject({ details: { name: 'TypeError' } });
      const other = 'const main = () => new TextDecoder("latin1");';
      expect(await thrownBy(() => resultOf(execution, other))).toMatchObject({ details: { name: 'RangeError' } });
    });
  });

  describe('structuredClone', () => {
    it('copies values deep, keeping their kind, their cycles and what they share', async () => {
      const code = `function main() {
      const shared = { n: 1 };
      const value = { shared, again: shared, date: new Date(5), map: new Map([[shared, new Set([shared])]]), re: /a/gi,
        bytes: new Uint16Array([1, 2]), list: [1, , 3], error: new RangeError('e'), text: Object('s') };
      value.self = value;
      const copy = structuredClone(value);
      const [[key, set]] = copy.map;
      return [copy !== value, copy.self === copy, copy.shared !== shared, copy.again === copy.shared, key === copy.shared,
        set.has(copy.shared), copy.date.getTime(), String(copy.re), copy.bytes instanceof Uint16Array && copy.bytes[1],
        1 in copy.list, copy.list.length, copy.error.name, copy.text instanceof String];
    }`;
      expect(await resultOf(execution, code)).toEqual([
        true,
        true,
        true,
        true,
        true,
        true,
        5,
        '/a/gi',
        2,
        false,
        3,
        'RangeError',
        true,
      ]);
    });

    it.each(['() => 1', 'Symbol()', 'Promise.resolve()', 'new WeakMap()'])('refuses %s', async (value) => {
      const error = await thrownBy(() => resultOf(execution, `const main = () => structuredClone([${value}]);`));
      expect(error).toMatchObject({ code: 'ERR_JS_USER', details: { name: 'DataCloneError' } });
    });
  });
});
