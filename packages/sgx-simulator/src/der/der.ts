/**
 * A writer of DER (X.690) with just what certificates and CRLs need. Every function returns one complete TLV; a
 * constructed value takes the TLVs it holds.
 */

/** One complete DER value. */
export type Der = Uint8Array;

function tlv(tag: number, ...contents: Uint8Array[]): Der {
  const length = contents.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag]), encodeLength(length), ...contents]);
}

function encodeLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Uint8Array.of(0x80 | bytes.length, ...bytes);
}

export function sequence(...items: Der[]): Der {
  return tlv(0x30, ...items);
}

export function set(...items: Der[]): Der {
  return tlv(0x31, ...items);
}

/** INTEGER, non-negative: a number, or the big-endian bytes of one. */
export function integer(value: number | Uint8Array): Der {
  return tlv(0x02, unsignedBytes(value));
}

/** ENUMERATED, non-negative. */
export function enumerated(value: number): Der {
  return tlv(0x0a, unsignedBytes(value));
}

function unsignedBytes(value: number | Uint8Array): Uint8Array {
  let bytes: number[] = [];
  if (typeof value === 'number')
    for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  else bytes = [...value];
  while (bytes.length > 1 && bytes[0] === 0) bytes.shift();
  const first = bytes[0];
  if (first === undefined) return Uint8Array.of(0);
  // A set top bit would read as a negative number.
  return first >= 0x80 ? Uint8Array.of(0, ...bytes) : Uint8Array.from(bytes);
}

export function boolean(value: boolean): Der {
  return tlv(0x01, Uint8Array.of(value ? 0xff : 0));
}

export function octetString(bytes: Uint8Array): Der {
  return tlv(0x04, bytes);
}

/** BIT STRING; `unusedBits` counts the bits of the last byte that do not belong to it. */
export function bitString(bytes: Uint8Array, unusedBits = 0): Der {
  return tlv(0x03, Uint8Array.of(unusedBits), bytes);
}

export function nullValue(): Der {
  return tlv(0x05);
}

export function utf8String(text: string): Der {
  return tlv(0x0c, Buffer.from(text, 'utf8'));
}

export function printableString(text: string): Der {
  return tlv(0x13, Buffer.from(text, 'latin1'));
}

/** OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tlv(0x06, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
}

function base128(value: number): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest % 128));
  return bytes;
}

/** A time as RFC 5280 §4.1.2.5 wants it: UTCTime until 2049, GeneralizedTime after; whole seconds. */
export function time(date: Date): Der {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return date.getUTCFullYear() < 2050
    ? tlv(0x17, Buffer.from(`${digits.slice(2)}Z`, 'latin1'))
    : tlv(0x18, Buffer.from(`${digits}Z`, 'latin1'));
}

/** `[n] EXPLICIT`: wraps whole values. */
export function explicit(tagNumber: number, ...items: Der[]): Der {
  return tlv(0xa0 | tagNumber, ...items);
}

/** `[n] IMPLICIT` of a primitive type: takes the content bytes. */
export function implicit(tagNumber: number, content: Uint8Array): Der {
  return tlv(0x80 | tagNumber, content);
}
