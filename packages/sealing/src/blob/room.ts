import { TeeError } from '@neo-service-layer/tee-interface';

// Below it, zeroed memory costs less than asking for memory that is not.
const smallBytes = 65536;

/**
 * Memory of this length for a result that is written from end to end: fresh, or a part of what the caller gave.
 * @throws {TeeError} ERR_INVALID_ARGUMENT when that is too small, or overlaps what is read meanwhile
 */
export function requireRoom(
  length: number,
  source: Uint8Array,
  into: Uint8Array<ArrayBuffer> | undefined,
): Uint8Array<ArrayBuffer> {
  if (into === undefined) {
    if (length < smallBytes) return new Uint8Array(length);
    return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  }
  if (into.length < length) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'The memory for the result is too small.', {
      expected: `at least ${length} bytes`,
      actual: `${into.length} bytes`,
    });
  }
  const overlaps =
    into.buffer === source.buffer &&
    into.byteOffset < source.byteOffset + source.length &&
    source.byteOffset < into.byteOffset + length;
  if (overlaps) throw new TeeError('ERR_INVALID_ARGUMENT', 'The memory for the result overlaps what is read.');
  return new Uint8Array(into.buffer, into.byteOffset, length);
}
