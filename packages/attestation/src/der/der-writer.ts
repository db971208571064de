import { derTags } from './der-element.ts';

/**
 * Writes DER (X.690), as much of it as a certificate needs. Every function returns one whole element; those of
 * constructed types take whole elements.
 */

/** An element with this identifier octet. Contents are joined. @throws {RangeError} for more than 16 MiB */
export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = contents.reduce((sum, { length: part }) => sum + part, 0);
  const header = [tag, ...lengthOctets(length)];
  const element = new Uint8Array(header.length + length);
  element.set(header);
  let offset = header.length;
  for (const content of contents) {
    element.set(content, offset);
    offset += content.length;
  }
  return element;
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  if (length < 0x1_0000) return [0x82, length >> 8, length & 0xff];
  if (length < 0x100_0000) return [0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
  throw new RangeError('A DER element is longer than any certificate.');
}

/** SEQUENCE. */
export const sequence = (...items: readonly Uint8Array[]) => der(derTags.sequence, ...items);
/** SET; of one element, or in the order that DER wants. */
const set = (...items: readonly Uint8Array[]) => der(derTags.set, ...items);
/** OCTET STRING. */
export const octets = (bytes: Uint8Array) => der(derTags.octetString, bytes);
/** BIT STRING; `unused` bits of the last octet do not belong to it. */
export const bits = (bytes: Uint8Array, unused = 0) => der(derTags.bitString, Uint8Array.of(unused), bytes);
/** BOOLEAN. */
export const boolean = (value: boolean) => der(derTags.boolean, Uint8Array.of(value ? 0xff : 0));

/** A non-negative INTEGER: a number, or the big-endian bytes of one. */
export function integer(value: number | Uint8Array): Uint8Array<ArrayBuffer> {
  const magnitude = typeof value === 'number' ? bigEndian(value) : [...value];
  while (magnitude.length > 1 && magnitude[0] === 0) magnitude.shift();
  // A first bit that is set would make it negative.
  const padding = (magnitude[0] ?? 0x80) >= 0x80 ? [0] : [];
  return der(derTags.integer, Uint8Array.from([...padding, ...magnitude]));
}

function bigEndian(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return bytes;
}

/** OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Uint8Array<ArrayBuffer> {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(derTags.oid, Uint8Array.from([first * 40 + second, ...rest].flatMap(arcOctets)));
}

function arcOctets(arc: number): number[] {
  const low = arc % 128;
  const high = Math.floor(arc / 128);
  return high === 0 ? [low] : [...arcOctets(high).map((octet) => octet | 0x80), low];
}

/** A time in whole unix seconds, as RFC 5280 §4.1.2.5 wants it: UTCTime from 1950 to 2049, else GeneralizedTime. */
export function time(seconds: number): Uint8Array<ArrayBuffer> {
  const date = new Date(seconds * 1000);
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  const isShort = date.getUTCFullYear() >= 1950 && date.getUTCFullYear() < 2050;
  return isShort ? der(derTags.utcTime, utf8(`${digits.slice(2)}Z`)) : der(derTags.generalizedTime, utf8(`${digits}Z`));
}

/** A Name with one common name (RFC 5280 §4.1.2.4). */
export function name(commonName: string): Uint8Array<ArrayBuffer> {
  return sequence(set(sequence(oid('2.5.4.3'), der(derTags.utf8String, utf8(commonName)))));
}

/** An X.509 extension (RFC 5280 §4.2); `value` is the DER, or whatever else stands inside of its octet string. */
export function extension(id: string, critical: boolean, value: Uint8Array): Uint8Array<ArrayBuffer> {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
