/** A reader of blobs written from docs/tee-seal.md alone, over @noble/ciphers: what another language needs. */
import { createHash, createHmac } from 'node:crypto';
import { gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { bytesOf, encodeArray, type Item, numberOf, readItem } from './cbor.ts';

export const sha256 = (...parts: Uint8Array[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
export const hmac = (key: Uint8Array, ...parts: Uint8Array[]) => {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
};

export function hkdf(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Buffer {
  const prk = hmac(salt, ikm);
  const first = hmac(prk, info, Uint8Array.of(1));
  const second = hmac(prk, first, info, Uint8Array.of(2));
  return Buffer.concat([first, second]).subarray(0, length);
}

/** Opens with the algorithm of that number; throws when anything differs. */
export function decrypt(alg: number, key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Buffer {
  // noble wants memory of its own: views of a larger buffer are copied.
  const own = [key, nonce, aad, sealed].map((part) => new Uint8Array(part)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const cipher = alg === 3 ? gcm(own[0], own[1], own[2]) : chacha20poly1305(own[0], own[1], own[2]);
  return Buffer.from(cipher.decrypt(own[3]));
}

export interface ReadBlob {
  header: Map<Item, Item>;
  open(secret: Uint8Array, aad?: Uint8Array): Buffer;
}

/** Takes a blob apart; `open` then takes the key it asks for. */
export function readBlob(blob: Buffer): ReadBlob {
  const [envelope, end] = readItem(blob, 0);
  if (!Array.isArray(envelope) || blob[0] !== 0xd0) throw new Error('no envelope');
  const protectedBytes = bytesOf(envelope[0]);
  const body = envelope[2] === null ? blob.subarray(end) : bytesOf(envelope[2]);
  const [header] = readItem(protectedBytes, 0);
  if (!(header instanceof Map)) throw new Error('no header');
  return { header, open: (secret, aad = new Uint8Array()) => openBody(header, protectedBytes, body, secret, aad) };
}

function openBody(
  header: Map<Item, Item>,
  protectedBytes: Buffer,
  body: Buffer,
  secret: Uint8Array,
  aad: Uint8Array,
): Buffer {
  // The header without its last member: one entry fewer, 39 bytes fewer.
  const bare = Buffer.from(protectedBytes.subarray(0, protectedBytes.length - 39));
  bare.writeUInt8(bare.readUInt8(0) - 1, 0);
  const okm = createHmac('sha512', secret)
    .update(encodeArray('tee-seal/1', sha256(bare), sha256(aad)))
    .digest();
  if (!okm.subarray(32).equals(bytesOf(header.get(-70003)))) throw new Error('the commitment differs');
  const sealedSize = numberOf(header.get(-70007)) + 16;
  const last = Math.max(Math.ceil(body.length / sealedSize), 1) - 1;
  const plaintext: Buffer[] = [];
  for (let i = 0; i <= last; i += 1) {
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(i, 7);
    nonce.writeUInt8(i === last ? 1 : 0, 11);
    const chunkAad = i === 0 ? encodeArray('Encrypt0', protectedBytes, aad) : Buffer.alloc(0);
    const sealed = body.subarray(i * sealedSize, (i + 1) * sealedSize);
    plaintext.push(decrypt(numberOf(header.get(1)), okm.subarray(0, 32), nonce, chunkAad, sealed));
  }
  const whole = Buffer.concat(plaintext);
  const said = header.get(-70008);
  if (said !== undefined && said !== whole.length) throw new Error('another length');
  return whole;
}
