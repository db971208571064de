import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../tools/wasm/byte-reader.ts';
import { ByteWriter } from '../../tools/wasm/byte-writer.ts';
import { addressOfText, readDataSegments, writeDataSegments } from '../../tools/wasm/data-segments.ts';
import { readSections, writeSections } from '../../tools/wasm/sections.ts';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });

describe('the WebAssembly codec', () => {
  it('reads every number it writes', () => {
    fc.assert(
      fc.property(u32, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.string(), (small, large, text) => {
        const reader = new ByteReader(new ByteWriter().u32(small).s64(large).name(text).finish());
        expect([reader.u32(), reader.s64(), reader.name()]).toEqual([small, large, text]);
        expect(reader.done).toBe(true);
      }),
    );
  });

  it('refuses numbers that are too long and items that end early', () => {
    expect(() => new ByteReader(new Uint8Array([0x80, 0x80, 0x80, 0x80, 0x80, 0])).u32()).toThrow(RangeError);
    expect(() => new ByteReader(new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x7f])).u32()).toThrow(RangeError);
    expect(() => new ByteReader(new Uint8Array(11).fill(0x80)).s64()).toThrow(RangeError);
    expect(() => new ByteReader(new Uint8Array([5, 1])).name()).toThrow(RangeError);
  });

  it('never loops or reads outside of random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          const sections = readSections(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...bytes]));
          expect(readSections(writeSections(sections))).toEqual(sections);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });

  it('keeps data segments, and finds a text that is there exactly once', () => {
    const bytes = new TextEncoder().encode('\0one\0two\0two\0');
    const segments = [{ address: 0x8000_0000, bytes }];
    expect(readDataSegments(writeDataSegments(segments))).toEqual(segments);
    expect(addressOfText(segments, 'one')).toBe(0x8000_0001);
    expect(() => addressOfText(segments, 'two')).toThrow();
    expect(() => addressOfText(segments, 'three')).toThrow();
  });
});
