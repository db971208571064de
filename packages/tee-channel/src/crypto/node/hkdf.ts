import { createHmac, type KeyObject } from 'node:crypto';
import type { KDFFactory } from 'hpke';

const hashLength = 32;

/** HKDF-Extract of RFC 5869 §2.2 with SHA-256. */
export function hkdfExtract(salt: Uint8Array, keyMaterial: Uint8Array | KeyObject): Uint8Array {
  const bytes = keyMaterial instanceof Uint8Array ? keyMaterial : keyMaterial.export();
  return createHmac('sha256', salt).update(bytes).digest();
}

/** HKDF-Expand of RFC 5869 §2.3 with SHA-256. @param length at most 255 * 32 */
export function hkdfExpand(key: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (length > 255 * hashLength) throw new RangeError('HKDF-Expand gives at most 255 blocks');
  const output = new Uint8Array(Math.ceil(length / hashLength) * hashLength);
  let block: Uint8Array = new Uint8Array();
  for (let at = 0; at < length; at += hashLength) {
    const counter = Uint8Array.of(at / hashLength + 1);
    block = createHmac('sha256', key).update(block).update(info).update(counter).digest();
    output.set(block, at);
  }
  return output.subarray(0, length);
}

/** HKDF-SHA256 for the plug-in interface of `hpke` (RFC 9180 §7.2): two HMACs of OpenSSL instead of WebCrypto jobs. */
export const hkdfSha256: KDFFactory = () => ({
  id: 0x0001,
  type: 'KDF',
  name: 'HKDF-SHA256',
  Nh: hashLength,
  stages: 2,
  Extract: async (salt, keyMaterial) => hkdfExtract(salt, keyMaterial),
  Expand: async (key, info, length) => hkdfExpand(key, info, length),
  Derive: async () => {
    throw new TypeError('HKDF has two stages');
  },
});
