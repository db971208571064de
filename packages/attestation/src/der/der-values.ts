import { type DerElement, derFault, derTags } from './der-element.ts';

/** Object identifier in dotted form. @throws {TeeError} ERR_CERT_FORMAT */
export function readOid(element: DerElement): string {
  if (element.tag !== derTags.oid) throw derFault('An object identifier was expected.');
  const { content } = element;
  const arcs: number[] = [];
  let value = 0;
  let fresh = true;
  for (const octet of content) {
    if (fresh && octet === 0x80) throw derFault('An object identifier has a padded arc.');
    // Arcs beyond 2^47 exist only to confuse readers.
    if (value > 2 ** 40) throw derFault('An object identifier has an absurd arc.');
    value = value * 128 + (octet & 0x7f);
    fresh = (octet & 0x80) === 0;
    if (fresh) {
      if (arcs.length === 0)
        arcs.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
      else arcs.push(value);
      value = 0;
    }
  }
  if (arcs.length === 0 || !fresh) throw derFault('An object identifier is cut off.');
  return arcs.join('.');
}

/** Content octets of an INTEGER, which must be in its shortest form. @throws {TeeError} ERR_CERT_FORMAT */
export function readIntegerBytes(element: DerElement): Uint8Array {
  return readNumberBytes(element, derTags.integer);
}

function readNumberBytes(element: DerElement, tag: number): Uint8Array {
  if (element.tag !== tag) throw derFault('Another kind of number was expected.', `tag ${tag}`, `tag ${element.tag}`);
  const { content } = element;
  const [first, second = 0] = content;
  if (first === undefined) throw derFault('An integer is empty.');
  if (content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    throw derFault('An integer is not in its shortest form.');
  }
  return content;
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
  for (const octet of content.subarray(0, 6)) value = value * 256 + octet;
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
  const text = String.fromCharCode(...element.content.subarray(0, 20));
  const match =
    element.tag === derTags.utcTime
      ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
      : element.tag === derTags.generalizedTime
        ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
        : null;
  if (!match) throw derFault('A time is malformed.');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const fullYear = element.tag === derTags.utcTime ? year + (year >= 50 ? 1900 : 2000) : year;
  const date = new Date(0);
  date.setUTCFullYear(fullYear, month - 1, day);
  date.setUTCHours(hour, minute, second);
  // A date that JavaScript had to normalise (February 30th) was none.
  const same = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!same) throw derFault('A time does not exist in the calendar.', undefined, text);
  return date.getTime() / 1000;
}
