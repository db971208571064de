import { twoDigits, utcSeconds } from '../bytes/utc-seconds.ts';
import { type DerElement, derFault, derTags } from './der-element.ts';

/** Object identifier in dotted form. @throws {TeeError} ERR_CERT_FORMAT */
export function readOid(element: DerElement): string {
  if (element.tag !== derTags.oid) throw derFault('An object identifier was expected.');
  const { bytes, end } = element;
  let dotted = '';
  let value = 0;
  let fresh = true;
  for (let at = element.contentStart; at < end; at += 1) {
    const octet = bytes[at] ?? 0;
    if (fresh && octet === 0x80) throw derFault('An object identifier has a padded arc.');
    // Arcs beyond 2^47 exist only to confuse readers.
    if (value > 2 ** 40) throw derFault('An object identifier has an absurd arc.');
    value = value * 128 + (octet & 0x7f);
    fresh = octet < 0x80;
    if (!fresh) continue;
    dotted = dotted === '' ? firstArcs(value) : `${dotted}.${value}`;
    value = 0;
  }
  if (dotted === '' || !fresh) throw derFault('An object identifier is cut off.');
  return dotted;
}

/** The first octets hold two arcs (X.690 §8.19.4). */
function firstArcs(value: number): string {
  const first = Math.min(2, Math.floor(value / 40));
  return `${first}.${value - 40 * first}`;
}

/** Content octets of an INTEGER, which must be in its shortest form. @throws {TeeError} ERR_CERT_FORMAT */
export function readIntegerBytes(element: DerElement): Uint8Array {
  return readNumberBytes(element, derTags.integer);
}

function readNumberBytes(element: DerElement, tag: number): Uint8Array {
  if (element.tag !== tag) throw derFault('Another kind of number was expected.', `tag ${tag}`, `tag ${element.tag}`);
  const { bytes, contentStart, length } = element;
  if (length === 0) throw derFault('An integer is empty.');
  const first = bytes[contentStart];
  const isNextHigh = (bytes[contentStart + 1] ?? 0) >= 0x80;
  if (length > 1 && ((first === 0 && !isNextHigh) || (first === 0xff && isNextHigh))) {
    throw derFault('An integer is not in its shortest form.');
  }
  return element.content;
}

/** A non-negative INTEGER up to `max`. @throws {TeeError} ERR_CERT_FORMAT */
export function readSmallInteger(element: DerElement, max: number): number {
  return toSmallNumber(readIntegerBytes(element), max);
}

/** An ENUMERATED up to `max`. @throws {TeeError} ERR_CERT_FORMAT */
export function readEnumerated(element: DerElement, max: number): number {
  return toSmallNumber(readNumberBytes(element, derTags.enumerated), max);
}

function toSmallNumber(content: Uint8Array, max: number): number {
  let value = 0;
  for (let i = 0; i < Math.min(content.length, 6); i += 1) value = value * 256 + (content[i] ?? 0);
  if ((content[0] ?? 0) >= 0x80 || content.length > 6 || value > max) {
    throw derFault('An integer is out of its range.', `0 to ${max}`, content.length > 6 ? 'a longer one' : `${value}`);
  }
  return value;
}

/** BOOLEAN, whose true is FF in DER. @throws {TeeError} ERR_CERT_FORMAT */
export function readBoolean(element: DerElement): boolean {
  const [octet] = element.content;
  if (element.tag !== derTags.boolean || element.content.length !== 1 || (octet !== 0 && octet !== 0xff)) {
    throw derFault('A boolean is malformed.');
  }
  return octet === 0xff;
}

/** OCTET STRING of a fixed length. @throws {TeeError} ERR_CERT_FORMAT */
export function readOctets(element: DerElement, length: number): Uint8Array {
  if (element.tag !== derTags.octetString || element.content.length !== length) {
    throw derFault('An octet string has the wrong length.', `${length} bytes`, `${element.content.length} bytes`);
  }
  return element.content;
}

/** BIT STRING without unused bits (keys, signatures). @throws {TeeError} ERR_CERT_FORMAT */
export function readWholeBits(element: DerElement): Uint8Array {
  if (element.tag !== derTags.bitString || element.content[0] !== 0) throw derFault('A bit string is malformed.');
  return element.content.subarray(1);
}

/**
 * UTCTime or GeneralizedTime in the forms RFC 5280 §4.1.2.5 allows (UTC, seconds present, no fraction).
 * @returns unix seconds
 * @throws {TeeError} ERR_CERT_FORMAT
 */
export function readTime(element: DerElement): number {
  const { bytes, contentStart: start, tag } = element;
  const yearDigits = tag === derTags.utcTime ? 2 : 4;
  const isTime = tag === derTags.utcTime || tag === derTags.generalizedTime;
  const zulu = start + yearDigits + 10;
  if (!isTime || element.length !== yearDigits + 11 || bytes[zulu] !== 0x5a) throw derFault('A time is malformed.');
  const two = (offset: number) => twoDigits(bytes[start + offset] ?? 0, bytes[start + offset + 1] ?? 0);
  const short = two(0);
  const year = yearDigits === 4 ? short * 100 + two(2) : short + (short >= 50 ? 1900 : 2000);
  const rest = [0, 2, 4, 6, 8].map((offset) => two(yearDigits + offset));
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = rest;
  const seconds = utcSeconds(year, month, day, hour, minute, second);
  if (seconds === null) throw derFault('A time does not exist in the calendar.');
  return seconds;
}
