/**
 * The one encoding of the channel's messages: arrays of text, unsigned integers, booleans and byte strings in
 * deterministic CBOR (RFC 8949 §4.2.1). Reading accepts exactly the bytes that writing makes, by construction: every
 * length is demanded in its shortest form. Byte strings are read as views, so a message of 64 KiB costs no copy; that is
 * why this does not go through the general codec of tee-interface, whose bytes it shares.
 */
import { TeeError } from '@neo-service-layer/tee-interface';

/** A member of a message. Integers are 0 … 2^32-1. */
export type WireField = string | number | boolean | Uint8Array | readonly number[];

const utf8 = { encoder: new TextEncoder(), decoder: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }) };
const major = { uint: 0, bytes: 2, text: 3, array: 4 } as const;
const limit = 2 ** 32;
const [falseByte, trueByte] = [0xf4, 0xf5];

/** Bytes that a count or length takes, its type included. */
function headLength(value: number): number {
  return value < 24 ? 1 : value < 0x100 ? 2 : value < 0x1_0000 ? 3 : 5;
}

/** Encodes an array of fields. @param prefix bytes to leave free (zero) in front; @param size total length, zero filled */
export function encodeFields(fields: readonly WireField[], prefix = 0, size?: (length: number) => number): Uint8Array {
  const texts = fields.map((field) => (typeof field === 'string' ? utf8.encoder.encode(field) : null));
  let length = headLength(fields.length);
  fields.forEach((field, index) => {
    length += fieldLength(field, texts[index] ?? null);
  });
  const target = new Uint8Array(size?.(length) ?? prefix + length);
  let at = writeHead(target, prefix, major.array, fields.length);
  fields.forEach((field, index) => {
    at = writeField(target, at, field, texts[index] ?? null);
  });
  return target;
}

/** The beginning of an array whose last member is a byte string of `length` bytes, up to where those bytes stand. */
export function encodeHead(fields: readonly WireField[], length: number): Uint8Array {
  const whole = encodeFields([...fields, new Uint8Array()]);
  const head = new Uint8Array(whole.length - 1 + headLength(length));
  head.set(whole.subarray(0, -1));
  writeHead(head, whole.length - 1, major.bytes, length);
  return head;
}

function fieldLength(field: WireField, text: Uint8Array | null): number {
  if (text !== null) return headLength(text.length) + text.length;
  if (typeof field === 'boolean') return 1;
  if (typeof field === 'number') return headLength(field);
  if (field instanceof Uint8Array) return headLength(field.length) + field.length;
  return Array.isArray(field) ? field.reduce((sum, item) => sum + headLength(item), headLength(field.length)) : 0;
}

function writeField(target: Uint8Array, at: number, field: WireField, text: Uint8Array | null): number {
  if (typeof field === 'boolean') {
    target[at] = field ? trueByte : falseByte;
    return at + 1;
  }
  if (typeof field === 'number') return writeHead(target, at, major.uint, field);
  const bytes = text ?? (field instanceof Uint8Array ? field : null);
  if (bytes !== null) {
    const start = writeHead(target, at, text === null ? major.bytes : major.text, bytes.length);
    target.set(bytes, start);
    return start + bytes.length;
  }
  const items = Array.isArray(field) ? (field as readonly number[]) : [];
  return items.reduce<number>(
    (next, item) => writeHead(target, next, major.uint, item),
    writeHead(target, at, major.array, items.length),
  );
}

function writeHead(target: Uint8Array, at: number, type: number, value: number): number {
  if (!Number.isInteger(value) || value < 0 || value >= limit) throw new RangeError('a field is out of range');
  const high = type << 5;
  const length = headLength(value);
  target[at] = length === 1 ? high | value : high | (length === 2 ? 24 : length === 3 ? 25 : 26);
  for (let i = 1; i < length; i += 1) target[at + i] = (value / 2 ** (8 * (length - 1 - i))) & 0xff;
  return at + length;
}

/** Reads what {@link encodeFields} wrote, field by field. Every method throws {TeeError} ERR_CHANNEL_PROTOCOL. */
export class FieldReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Number of members of the array that begins here. */
  array(): number {
    return this.#head(major.array);
  }

  uint(): number {
    return this.#head(major.uint);
  }

  boolean(): boolean {
    const byte = this.#bytes[this.#at];
    if (byte !== falseByte && byte !== trueByte) throw malformed();
    this.#at += 1;
    return byte === trueByte;
  }

  /** Text of at most `most` bytes. */
  text(most: number): string {
    const bytes = this.#take(this.#head(major.text), most);
    try {
      return utf8.decoder.decode(bytes);
    } catch (cause) {
      throw malformed(cause);
    }
  }

  /** A view of bytes, of exactly `length` when given. */
  bytes(length?: number): Uint8Array {
    const found = this.#head(major.bytes);
    if (length !== undefined && found !== length) throw malformed();
    return this.#take(found, this.#bytes.length);
  }

  /** Between one and `most` integers. */
  uints(most: number): number[] {
    const count = this.array();
    if (count === 0 || count > most) throw malformed();
    return Array.from({ length: count }, () => this.uint());
  }

  /** Demands that nothing is left. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw malformed();
  }

  #take(length: number, most: number): Uint8Array {
    if (length > most || this.#at + length > this.#bytes.length) throw malformed();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #head(type: number): number {
    const byte = this.#bytes[this.#at] ?? 0xff;
    const info = byte & 0x1f;
    if (byte >> 5 !== type || info > 26) throw malformed();
    const length = info < 24 ? 1 : info === 24 ? 2 : info === 25 ? 3 : 5;
    let value = length === 1 ? info : 0;
    for (let i = 1; i < length; i += 1) value = value * 256 + (this.#bytes[this.#at + i] ?? Number.NaN);
    // Not a number past the end; another length when there was a shorter form.
    if (Number.isNaN(value) || headLength(value) !== length) throw malformed();
    this.#at += length;
    return value;
  }
}

function malformed(cause?: unknown): TeeError {
  return new TeeError('ERR_CHANNEL_PROTOCOL', 'A message does not follow tee-channel/1.', {
    expected: 'deterministic CBOR of a documented message',
    ...(cause === undefined ? {} : { cause }),
  });
}
