import { describe, expect, it } from 'vitest';
import { meter } from '../../tools/meter.ts';
import { ByteWriter } from '../../tools/wasm/byte-writer.ts';
import { op, valueType } from '../../tools/wasm/instructions.ts';
import { writeSections } from '../../tools/wasm/sections.ts';

const vector = (...entries: (Uint8Array | number[])[]): Uint8Array => {
  const writer = new ByteWriter().u32(entries.length);
  for (const entry of entries) writer.put(entry);
  return writer.finish();
};
const sized = (bytes: Uint8Array | number[]) => new ByteWriter().sized(Uint8Array.from(bytes)).finish();
const name = (text: string) => new ByteWriter().name(text).finish();

/** A module with `loop(n)`, which iterates n times; `leaf()`, which does nothing; `fill(n)`; `grow(pages)`; `say()`. */
function sample(): Uint8Array {
  const i32 = valueType.i32;
  const exported = ['loop', 'leaf', 'fill', 'grow', 'say'];
  return writeSections(
    new Map([
      ['type', vector([0x60, 1, i32, 1, i32])],
      ['import', vector()],
      ['function', vector([0], [0], [0], [0], [0])],
      ['memory', vector([1, 1, 4])],
      ['global', vector([i32, 1, op.i32Const, 0, op.end])],
      ['export', vector(...exported.map((text, index) => [...name(text), 0, index]))],
      [
        'code',
        vector(
          // loop: do { n -= 1 } while (n != 0)
          sized([0, 0x03, i32, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x20, 0, 0x0b, 0x0b]),
          sized([0, 0x20, 0, 0x0b]),
          sized([0, 0x41, 0, 0x41, 0, 0x20, 0, 0xfc, 11, 0, 0x41, 7, 0x0b]),
          sized([0, 0x20, 0, 0x40, 0, 0x0b]),
          sized([0, 0x41, 0x11, 0x0b]),
        ),
      ],
      ['data', vector([0, 0x41, 0x10, 0x0b, ...sized(new TextEncoder().encode('\0boom\0'))])],
    ]),
  );
}

interface Sample {
  gas: WebAssembly.Global<'i64'>;
  grow_refusals: WebAssembly.Global<'i32'>;
  message_0: WebAssembly.Global<'i32'>;
  loop(n: number): number;
  leaf(n: number): number;
  fill(n: number): number;
  grow(n: number): number;
  say(n: number): number;
}

async function metered(): Promise<Sample> {
  const { instance } = await WebAssembly.instantiate(Uint8Array.from(meter(sample(), ['boom']).wasm));
  return instance.exports as object as Sample;
}

describe('a metered module', () => {
  it('pays for each iteration and for entering a function that loops, exactly', async () => {
    const module = await metered();
    module.gas.value = 1000n;
    expect(module.loop(10)).toBe(0);
    expect(module.gas.value).toBe(1000n - 1n - 10n);
  });

  it('pays nothing for a function that neither loops nor calls, and by length for bulk fills', async () => {
    const module = await metered();
    module.gas.value = 1000n;
    expect(module.leaf(5)).toBe(5);
    expect(module.gas.value).toBe(1000n);
    module.fill(6400);
    expect(module.gas.value).toBe(900n);
  });

  it('traps when the gas would fall below zero, and not a step sooner', async () => {
    const module = await metered();
    module.gas.value = 11n;
    expect(module.loop(10)).toBe(0);
    module.gas.value = 10n;
    expect(() => module.loop(10)).toThrow(WebAssembly.RuntimeError);
    expect(module.gas.value).toBe(-1n);
  });

  it('runs nothing when no gas was given', async () => {
    const module = await metered();
    expect(() => module.loop(1)).toThrow(WebAssembly.RuntimeError);
  });

  it('counts refused growth and uses of the engine’s own messages', async () => {
    const module = await metered();
    expect(module.grow(1)).toBe(1);
    expect(module.grow_refusals.value).toBe(0);
    expect(module.grow(100)).toBe(-1);
    expect(module.grow_refusals.value).toBe(1);
    expect(module.say(0)).toBe(0x11);
    expect(module.message_0.value).toBe(1);
  });

  it('is not made when a message is not in the module', () => {
    expect(() => meter(sample(), ['not there'])).toThrow();
  });
});
