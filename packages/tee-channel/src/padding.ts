/**
 * The host sees the length of every ciphertext. Payloads are padded to size classes, so it learns the class only:
 * 256 bytes times a power of two up to 64 KiB, whole multiples of 64 KiB above.
 */
import { TeeError } from '@neo-service-layer/tee-interface';

const smallest = 256;
const step = 64 * 1024;

/** Length that a payload of `length` bytes is padded to, its 4-byte length field included. */
export function paddedLength(length: number): number {
  const needed = length + 4;
  if (needed > step) return Math.ceil(needed / step) * step;
  let size = smallest;
  while (size < needed) size *= 2;
  return size;
}

/** Length (u32 big endian), payload, zeros. */
export function pad(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(paddedLength(payload.length));
  new DataView(padded.buffer).setUint32(0, payload.length);
  padded.set(payload, 4);
  return padded;
}

/** Reverses {@link pad}; only for authenticated bytes. @throws {TeeError} ERR_CHANNEL_PROTOCOL */
export function unpad(padded: Uint8Array): Uint8Array {
  const length = padded.length < 4 ? 0 : new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  if (padded.length < 4 || paddedLength(length) !== padded.length) {
    throw new TeeError('ERR_CHANNEL_PROTOCOL', 'A payload is not padded to its size class.');
  }
  return padded.subarray(4, 4 + length);
}
