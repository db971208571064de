/**
 * The host sees the length of every ciphertext. Payloads are padded to size classes, so it learns the class only:
 * 256 bytes times a power of two up to 64 KiB, whole multiples of 64 KiB above.
 */
import { TeeError } from '@neo-service-layer/tee-interface';
import { encodeFields, type WireField } from './wire.ts';

const smallest = 256;
const step = 64 * 1024;
const lengthField = 4;

/** Length that a payload of `length` bytes is padded to, its 4-byte length field included. */
export function paddedLength(length: number): number {
  const needed = length + lengthField;
  if (needed > step) return Math.ceil(needed / step) * step;
  let size = smallest;
  while (size < needed) size *= 2;
  return size;
}

/** Encoded fields behind their length (u32 big endian), then zeros. @param sizeOf the length to pad to */
export function padFields(fields: readonly WireField[], sizeOf: (length: number) => number = paddedLength): Uint8Array {
  let length = 0;
  const padded = encodeFields(fields, lengthField, (found) => {
    length = found;
    return sizeOf(found);
  });
  new DataView(padded.buffer).setUint32(0, length);
  return padded;
}

/** The payload of {@link padFields}; only for authenticated bytes. @throws {TeeError} ERR_CHANNEL_PROTOCOL */
export function unpad(padded: Uint8Array, sizeOf: (length: number) => number = paddedLength): Uint8Array {
  const length =
    padded.length < lengthField ? 0 : new DataView(padded.buffer, padded.byteOffset, padded.length).getUint32(0);
  if (padded.length < lengthField || sizeOf(length) !== padded.length) {
    throw new TeeError('ERR_CHANNEL_PROTOCOL', 'A payload is not padded to its size class.');
  }
  return padded.subarray(lengthField, lengthField + length);
}
