import { createCipheriv } from 'node:crypto';

const zeroIv = Buffer.alloc(16);

/**
 * AES-128-CMAC (RFC 4493), the MAC of SGX reports and the derivation of SGX keys.
 *
 * @param key 16 bytes
 * @returns 16 bytes
 */
export function aesCmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const first = doubled(encryptBlock(key, zeroIv));
  const complete = message.length > 0 && message.length % 16 === 0;
  const padded = complete ? Buffer.from(message) : pad(message);
  const mask = complete ? first : doubled(first);
  const last = padded.length - 16;
  for (let index = 0; index < 16; index += 1) padded[last + index] = byte(padded, last + index) ^ byte(mask, index);
  const cipher = createCipheriv('aes-128-cbc', key, zeroIv).setAutoPadding(false);
  return new Uint8Array(cipher.update(padded).subarray(last));
}

function encryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  return createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(block);
}

/** Multiplication by x in GF(2^128), most significant bit first. */
function doubled(block: Uint8Array): Uint8Array {
  const result = new Uint8Array(16);
  for (let index = 0; index < 16; index += 1)
    result[index] = (byte(block, index) << 1) | (byte(block, index + 1) >>> 7);
  if (byte(block, 0) >= 0x80) result[15] = byte(result, 15) ^ 0x87;
  return result;
}

function pad(message: Uint8Array): Buffer {
  const padded = Buffer.alloc(Math.floor(message.length / 16) * 16 + 16);
  padded.set(message);
  padded[message.length] = 0x80;
  return padded;
}

function byte(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
