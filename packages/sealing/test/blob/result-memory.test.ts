import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { BlobSealer, DeviceKeys, parseEnvelope } from '../../src/index.ts';
import { cpu } from '../simulated-cpu.ts';

const sealer = new BlobSealer(new DeviceKeys(cpu()).withPolicy('enclave'));
const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;
const data = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251);

describe('memory of the caller', () => {
  it('holds the result, which is a part of it', async () => {
    const memory = new Uint8Array(200_000).fill(0xee);
    const blob = await sealer.seal(data, { name: 'a', into: memory.subarray(1000) });
    expect([blob.buffer, blob.byteOffset]).toEqual([memory.buffer, 1000]);
    expect(memory[1000 + blob.length]).toBe(0xee);
    const opened = await sealer.open(blob, { name: 'a', into: memory.subarray(100_000) });
    expect([opened.data.buffer, opened.data.byteOffset, opened.data.length]).toEqual([memory.buffer, 100_000, 70_000]);
    expect(Buffer.compare(opened.data, data)).toBe(0);
    expect(Buffer.compare((await sealer.open(await sealer.seal(data))).data, data)).toBe(0);
  });

  it('is refused when it is too small or lies over what is read', async () => {
    const memory = new Uint8Array(200_000);
    memory.set(data, 10_000);
    const part = memory.subarray(10_000, 80_000);
    expect(await codeOf(() => sealer.seal(data, { into: new Uint8Array(70_000) }))).toBe('ERR_INVALID_ARGUMENT');
    expect(await codeOf(() => sealer.seal(part, { into: memory }))).toBe('ERR_INVALID_ARGUMENT');
    expect(await codeOf(() => sealer.seal(part, { into: memory.subarray(79_999) }))).toBe('ERR_INVALID_ARGUMENT');
    await sealer.seal(part, { into: memory.subarray(80_000) });
    const blob = await sealer.seal(data);
    expect(await codeOf(() => sealer.open(blob, { into: new Uint8Array(69_999) }))).toBe('ERR_INVALID_ARGUMENT');
    expect(await codeOf(() => sealer.open(blob, { into: blob as Uint8Array<ArrayBuffer> }))).toBe(
      'ERR_INVALID_ARGUMENT',
    );
  });

  it('holds nothing of a blob whose last chunk was changed', async () => {
    const blob = await sealer.seal(data);
    blob[blob.length - 1] = (blob.at(-1) ?? 0) ^ 1;
    const memory = new Uint8Array(70_000).fill(0xee);
    expect(await codeOf(() => sealer.open(blob, { into: memory }))).toBe('ERR_SEAL_TAMPERED');
    expect(memory.every((byte) => byte === 0)).toBe(true);
  });
});

describe('the size of chunks', () => {
  it('is 64 KiB up to a MiB of data and a MiB beyond, unless the caller says otherwise', async () => {
    const mebi = 2 ** 20;
    for (const [length, chunkSize] of [
      [0, 65_536],
      [mebi, 65_536],
      [mebi + 1, mebi],
    ] as const) {
      const large = new Uint8Array(length);
      const blob = await sealer.seal(large);
      expect(parseEnvelope(blob).header.chunkSize).toBe(chunkSize);
      expect((await sealer.open(blob)).data.length).toBe(length);
    }
    const small = new BlobSealer(new DeviceKeys(cpu()).withPolicy('enclave'), { chunkSize: 4096 });
    expect(parseEnvelope(await small.seal(new Uint8Array(2 * mebi))).header.chunkSize).toBe(4096);
  });
});

describe('the name of a blob', () => {
  it('is text of at most 512 characters', async () => {
    for (const name of ['\ud800', 'a\udfff', 'x'.repeat(513)]) {
      expect(await codeOf(() => sealer.seal(data, { name }))).toBe('ERR_INVALID_ARGUMENT');
    }
    for (const name of ['😀', '語'.repeat(512)]) await sealer.open(await sealer.seal(data, { name }), { name });
  });
});
