/** The plaintext of a stored value: its name, which the host must not see, the value, and padding if wanted. */
import { malformed } from '../format/header.ts';

/** How the length of values is hidden from the host. */
export type Padding =
  /** It is not. */
  | 'none'
  /** Name and value together fill up to 256, 512, 1024 … bytes: the host sees only the class. */
  | 'size-classes';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Encodes a record. */
export function encodeRecord(name: string, value: Uint8Array, padding: Padding): Uint8Array {
  const nameBytes = encoder.encode(name);
  const length = 6 + nameBytes.length + value.length;
  const bytes = new Uint8Array(padding === 'none' ? length : sizeClass(length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, nameBytes.length);
  view.setUint32(2, value.length);
  bytes.set(nameBytes, 6);
  bytes.set(value, 6 + nameBytes.length);
  return bytes;
}

/** Decodes a record. @throws {TeeError} ERR_SEAL_FORMAT */
export function decodeRecord(bytes: Uint8Array): { name: string; value: Uint8Array } {
  if (bytes.length < 6) throw malformed('the record', 'a name and a value');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const valueAt = 6 + view.getUint16(0);
  const end = valueAt + view.getUint32(2);
  if (end > bytes.length) throw malformed('the record', 'a name and a value');
  try {
    return { name: decoder.decode(bytes.subarray(6, valueAt)), value: bytes.slice(valueAt, end) };
  } catch (cause) {
    throw malformed('the name in the record', 'text', cause);
  }
}

function sizeClass(length: number): number {
  let size = 256;
  while (size < length) size *= 2;
  return size;
}
