/**
 * A reader of tee-seal/1 written from docs/tee-seal.md alone, with nothing of this package: what another language needs.
 */
import { createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeVectors, type Vector } from './support/make-vectors.ts';

type Item = number | string | Buffer | null | Item[] | Map<Item, Item>;

/** Reads one CBOR item (RFC 8949) of the kinds that occur. */
function readItem(bytes: Buffer, at: number): [Item, number] {
  const first = bytes.readUInt8(at);
  if (first === 0xf6) return [null, at + 1];
  const [major, info] = [first >> 5, first & 31];
  const size = info < 24 ? 0 : 2 ** (info - 24);
  const argument = size === 0 ? info : bytes.readUIntBE(at + 1, size);
  let next = at + 1 + size;
  if (major === 6) return readItem(bytes, next);
  if (major === 0) return [argument, next];
  if (major === 1) return [-1 - argument, next];
  if (major === 2) return [bytes.subarray(next, next + argument), next + argument];
  if (major === 3) return [bytes.toString('utf8', next, next + argument), next + argument];
  const items: Item[] = [];
  for (let i = 0; i < argument * (major === 5 ? 2 : 1); i += 1) {
    const [item, end] = readItem(bytes, next);
    items.push(item);
    next = end;
  }
  if (major === 4) return [items, next];
  return [new Map(items.flatMap((key, i) => (i % 2 === 0 ? [[key, items[i + 1] ?? null] as const] : []))), next];
}

const head = (major: number, length: number) =>
  length < 24
    ? Buffer.of((major << 5) + length)
    : length < 256
      ? Buffer.of((major << 5) + 24, length)
      : Buffer.of((major << 5) + 25, length >> 8, length & 255);
const bstr = (bytes: Buffer) => Buffer.concat([head(2, bytes.length), bytes]);
const tstr = (text: string) => Buffer.concat([head(3, Buffer.byteLength(text)), Buffer.from(text)]);
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest();

function open(vector: Vector): string {
  const blob = Buffer.from(vector.blob, 'hex');
  const aad = Buffer.from(vector.aad, 'hex');
  const [envelope, end] = readItem(blob, 0);
  if (!Array.isArray(envelope)) throw new Error('no envelope');
  const [header, , attached] = envelope;
  if (!Buffer.isBuffer(header)) throw new Error('no header');
  const body = Buffer.isBuffer(attached) ? attached : blob.subarray(end);
  const [map] = readItem(header, 0);
  if (!(map instanceof Map)) throw new Error('no map');
  // The header without its last member: one entry fewer, 39 bytes fewer.
  const bare = Buffer.from(header.subarray(0, header.length - 39));
  bare.writeUInt8(bare.readUInt8(0) - 1, 0);
  const info = Buffer.concat([head(4, 3), tstr('tee-seal/1'), bstr(sha256(bare)), bstr(sha256(aad))]);
  const okm = Buffer.from(hkdfSync('sha256', Buffer.from(vector.secret, 'hex'), map.get(-70002) as Buffer, info, 64));
  if (!okm.subarray(32).equals(map.get(-70003) as Buffer)) throw new Error('the commitment differs');
  const chunkSize = map.get(-70007) as number;
  const chunks = Math.max(Math.ceil(body.length / (chunkSize + 16)), 1);
  const plaintext: Buffer[] = [];
  for (let i = 0; i < chunks; i += 1) {
    const sealed = body.subarray(i * (chunkSize + 16), (i + 1) * (chunkSize + 16));
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(i, 7);
    nonce.writeUInt8(i === chunks - 1 ? 1 : 0, 11);
    const algorithm = map.get(1) === 3 ? 'aes-256-gcm' : 'chacha20-poly1305';
    const decipher = createDecipheriv(algorithm as 'aes-256-gcm', okm.subarray(0, 32), nonce, { authTagLength: 16 });
    decipher.setAAD(i === 0 ? Buffer.concat([head(4, 3), tstr('Encrypt0'), bstr(header), bstr(aad)]) : Buffer.alloc(0));
    decipher.setAuthTag(sealed.subarray(-16));
    plaintext.push(Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]));
  }
  return Buffer.concat(plaintext).toString('hex');
}

describe('the test vectors of tee-seal/1', () => {
  const vectors: Vector[] = JSON.parse(readFileSync(new URL('vectors/tee-seal-1.json', import.meta.url), 'utf8'));

  it('are what this package seals', async () => {
    expect(await makeVectors()).toEqual(vectors);
  });

  it.each(vectors)('open with a reader written from the specification: $title', (vector) => {
    expect(open(vector)).toBe(vector.plaintext);
  });
});
