/** The plaintext of a record: the name of a value, which the host must not see, the value, and padding if wanted. */
import { malformed } from '../format/header.ts';

/** How the length of values is hidden from the host. */
export type Padding =
  /** It is not. */
  | 'none'
  /** Name and value together fill up to 256, 512, 1024 … bytes: the host sees only the class. */
  | 'size-classes';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Encodes a named value: u16 length of the name, u32 length of the value, both, and zeros up to a size class if wanted. */
export function encodePlaintext(name: string, value: Uint8Array, padding: Padding): Uint8Array {
  const nameLength = Buffer.byteLength(name);
  const length = 6 + nameLength + value.length;
  const bytes = padding === 'none' ? Buffer.allocUnsafe(length) : Buffer.alloc(sizeClass(length));
  bytes.writeUInt16BE(nameLength, 0);
  bytes.writeUInt32BE(value.length, 2);
  bytes.write(name, 6, 'utf8');
  bytes.set(value, 6 + nameLength);
  return bytes;
}

/** Decodes a named value; both parts are copies. @throws {TeeError} ERR_SEAL_FORMAT */
export function decodePlaintext(bytes: Uint8Array): { name: string; value: Uint8Array } {
  if (bytes.length < 6) throw malformed('the content of the record', 'a name and a value');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const valueAt = 6 + view.getUint16(0);
  const end = valueAt + view.getUint32(2);
  if (end > bytes.length) throw malformed('the content of the record', 'a name and a value');
  try {
    return {
      name: decoder.decode(bytes.subarray(6, valueAt)),
      value: new Uint8Array(bytes.subarray(valueAt, end)),
    };
  } catch (cause) {
    throw malformed('the name in the record', 'text', cause);
  }
}

function sizeClass(length: number): number {
  let size = 256;
  while (size < length) size *= 2;
  return size;
}
