import { TeeError } from '@neo-service-layer/tee-interface';

/** Identifier octets that occur in certificates and revocation lists (X.690). */
export const derTags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/**
 * One DER element where it lies: identifier octet, content, and the whole encoding (which is what signatures cover).
 * The two views are made when asked for, since most elements are only walked over.
 */
export class DerElement {
  readonly tag: number;
  readonly bytes: Uint8Array;
  /** Offsets in `bytes`: of the identifier, of the first octet of the content, past the last. */
  readonly start: number;
  readonly contentStart: number;
  readonly end: number;

  constructor(bytes: Uint8Array, tag: number, start: number, contentStart: number, end: number) {
    this.bytes = bytes;
    this.tag = tag;
    this.start = start;
    this.contentStart = contentStart;
    this.end = end;
  }

  get length(): number {
    return this.end - this.contentStart;
  }

  get content(): Uint8Array {
    return this.bytes.subarray(this.contentStart, this.end);
  }

  get encoded(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }
}

/** A fault in DER. The readers of certificates and CRLs turn it into their own codes. */
export function derFault(message: string, expected?: string, actual?: string): TeeError {
  return new TeeError('ERR_CERT_FORMAT', message, {
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
  });
}

/**
 * Reads the element at `offset`. Strict DER: one-octet identifiers, definite lengths in their shortest form, nothing
 * past `limit` (X.690 §10.1).
 * @throws {TeeError} ERR_CERT_FORMAT
 */
export function readDerElement(bytes: Uint8Array, offset = 0, limit = bytes.length): DerElement {
  if (offset + 2 > limit) throw derFault('A DER element is cut off.');
  const tag = bytes[offset] ?? 0;
  const first = bytes[offset + 1] ?? 0;
  if ((tag & 0x1f) === 0x1f) throw derFault('A DER element has a long identifier, which no certificate needs.');
  let start = offset + 2;
  let length = first;
  if (first >= 0x80) {
    const octets = first & 0x7f;
    if (octets === 0 || octets > 3) throw derFault('A DER length is indefinite or absurd.');
    if (start + octets > limit) throw derFault('A DER length is cut off.');
    length = 0;
    for (let i = 0; i < octets; i += 1) length = length * 256 + (bytes[start + i] ?? 0);
    if (length < 0x80 || length < 2 ** (8 * (octets - 1))) throw derFault('A DER length is not in its shortest form.');
    start += octets;
  }
  const end = start + length;
  if (end > limit) {
    throw derFault('A DER element reaches past the end.', `${length} bytes`, `${limit - start} bytes`);
  }
  return new DerElement(bytes, tag, offset, start, end);
}
