import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nobleChaCha20Poly1305 } from '../../src/aead/noble.ts';
import { BlobSealer, DeviceKeys, nodeChaCha20Poly1305, parseEnvelope } from '../../src/index.ts';
import { cpu } from '../simulated-cpu.ts';

const chunkSize = 64;
const sealer = () => new BlobSealer(new DeviceKeys(cpu()).withPolicy('enclave'), { chunkSize });
const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 7) % 251);
const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;
const lengths = [0, 1, 63, 64, 65, 127, 128, 129, 640];
const concat = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

/** A blob's prefix and its chunks with their tags. */
function chunksOf(blob: Uint8Array) {
  const { body } = parseEnvelope(blob);
  const prefix = blob.subarray(0, blob.length - body.length);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += chunkSize + 16) chunks.push(body.subarray(at, at + chunkSize + 16));
  return { prefix, chunks };
}

async function streamed(stream: TransformStream<Uint8Array, Uint8Array>, pieces: Uint8Array[]): Promise<Uint8Array> {
  const input = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  const out: Uint8Array[] = [];
  for await (const piece of input.pipeThrough(stream)) out.push(piece);
  return concat(...out);
}

describe('a blob of several chunks', () => {
  it.each(lengths)('comes back, %i bytes: whole, detached, as a stream and at any place', async (length) => {
    const data = bytes(length);
    const binding = { name: 'state', aad: Uint8Array.of(1) };
    const blob = await sealer().seal(data, { ...binding, epoch: 7 });
    expect(await sealer().open(blob, binding)).toMatchObject({ data, name: 'state', epoch: 7, resealNeeded: false });
    const { envelope, body } = await sealer().sealDetached(data, binding);
    expect((await sealer().openDetached(envelope, body, binding)).data).toEqual(data);
    expect((await sealer().open(concat(envelope, body), binding)).data).toEqual(data);
    const stream = await streamed(sealer().sealStream(binding), [data]);
    expect((await sealer().open(stream, binding)).data).toEqual(data);
    for (const sealed of [blob, stream, concat(envelope, body)]) {
      expect(await streamed(sealer().openStream(binding), [sealed])).toEqual(data);
    }
  });

  it('streams the same data whatever the pieces it comes in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }),
        fc.nat(50),
        async (pieces, cut) => {
          const sealed = await streamed(sealer().sealStream(), pieces);
          const parts = Array.from({ length: Math.ceil(sealed.length / (cut + 1)) }, (_, i) =>
            sealed.subarray(i * (cut + 1), (i + 1) * (cut + 1)),
          );
          expect(await streamed(sealer().openStream(), parts)).toEqual(concat(...pieces));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is read at any place, only the chunks that hold it', async () => {
    const data = bytes(1000);
    const sealed = [await sealer().seal(data), await streamed(sealer().sealStream(), [data])];
    for (const blob of sealed) {
      const reads: number[] = [];
      const read = async (offset: number, length: number) => {
        reads.push(length);
        return blob.subarray(offset, offset + length);
      };
      const reader = await sealer().openAt({ size: blob.length, read });
      expect(reader.size).toBe(1000);
      await fc.assert(
        fc.asyncProperty(fc.nat(1100), fc.nat(300), async (offset, length) => {
          expect(await reader.read(offset, length)).toEqual(data.slice(offset, offset + length));
        }),
        { numRuns: 50 },
      );
      reads.length = 0;
      await reader.read(130, 20);
      expect(reads).toEqual([80]);
    }
  });

  it('is refused cut at each chunk border, with chunks moved, dropped, repeated or taken from another blob', async () => {
    const data = bytes(64 * 5);
    const other = chunksOf(await sealer().seal(data)).chunks;
    const whole = await sealer().seal(data);
    const stream = await streamed(sealer().sealStream(), [data]);
    for (const blob of [whole, stream]) {
      const { prefix, chunks } = chunksOf(blob);
      const codesOf = async (changed: Uint8Array[]) => {
        const sealed = concat(prefix, ...changed);
        const source = { size: sealed.length, read: async (at: number, n: number) => sealed.subarray(at, at + n) };
        return [
          await codeOf(() => sealer().open(sealed)),
          await codeOf(() => streamed(sealer().openStream(), [sealed])),
          await codeOf(async () => (await sealer().openAt(source)).read(0, 1000)),
        ];
      };
      const three = (code: string) => [code, code, code];
      for (let kept = 1; kept < 5; kept += 1) {
        expect(await codesOf(chunks.slice(0, kept))).toEqual(three('ERR_SEAL_TRUNCATED'));
      }
      const [a, b, c, d, e] = chunks as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      expect(await codesOf([b, a, c, d, e])).toEqual(three('ERR_SEAL_TAMPERED'));
      expect(await codesOf([a, b, c, e, d])).toEqual(three('ERR_SEAL_TAMPERED'));
      expect(await codesOf([a, b, b, d, e])).toEqual(three('ERR_SEAL_TAMPERED'));
      expect(await codesOf([a, b, other[2] ?? a, d, e])).toEqual(three('ERR_SEAL_TAMPERED'));
      // A reader of a whole blob sees that it is too short before it meets the chunk that is out of its place.
      const [short, moved] =
        blob === whole ? ['ERR_SEAL_TRUNCATED', 'ERR_SEAL_TAMPERED'] : ['ERR_SEAL_TAMPERED', 'ERR_SEAL_TAMPERED'];
      expect(await codesOf([a, b, d, e])).toEqual([short, moved, short]);
      const longer = blob === whole ? 'ERR_SEAL_FORMAT' : 'ERR_SEAL_TAMPERED';
      expect(await codesOf([a, b, c, d, e, e])).toEqual([longer, 'ERR_SEAL_TAMPERED', longer]);
    }
  });

  it('is refused with any bit of a 1 KiB blob flipped, with the class of the place', async () => {
    const blob = await sealer().seal(bytes(1024), { name: 'state' });
    const { body } = parseEnvelope(blob);
    const bodyAt = blob.length - body.length;
    const headerCodes = new Set<string | undefined>();
    for (let bit = 0; bit < blob.length * 8; bit += 1) {
      const changed = blob.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const code = await codeOf(() => sealer().open(changed, { name: 'state' }));
      if (bit >> 3 >= bodyAt) expect({ bit, code }).toEqual({ bit, code: 'ERR_SEAL_TAMPERED' });
      else headerCodes.add(code);
    }
    const expected = ['FORMAT', 'KEY_MISMATCH', 'SVN_TOO_NEW', 'TAMPERED', 'TRUNCATED'];
    expect(headerCodes).toEqual(new Set(expected.map((code) => `ERR_SEAL_${code}`)));
  }, 60_000);

  it('can be sealed with ChaCha20-Poly1305, which either implementation opens', async () => {
    const keys = new DeviceKeys(cpu()).withPolicy('signer');
    const blob = await new BlobSealer(keys, { aead: nobleChaCha20Poly1305 }).seal(bytes(100));
    expect((await new BlobSealer(keys).open(blob)).data).toEqual(bytes(100));
    const other = await new BlobSealer(keys, { aead: nodeChaCha20Poly1305 }).seal(bytes(100));
    expect((await new BlobSealer(keys, { aead: nobleChaCha20Poly1305 }).open(other)).data).toEqual(bytes(100));
  });

  it('never repeats a salt, even with a random source that repeats itself', async () => {
    const stuck = new BlobSealer(new DeviceKeys(cpu()).withPolicy('enclave'), { rng: (n) => new Uint8Array(n) });
    const [first, second] = [await stuck.seal(bytes(10)), await stuck.seal(bytes(10))];
    expect(parseEnvelope(first).header.salt).not.toEqual(parseEnvelope(second).header.salt);
  });
});
