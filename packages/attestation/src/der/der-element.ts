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

/** One DER element: identifier octet, content, and the whole encoding (which is what signatures cover). */
export interface DerElement {
  tag: number;
  content: Uint8Array;
  encoded: Uint8Array;
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
 * past the end (X.690 §10.1).
 * @throws {TeeError} ERR_CERT_FORMAT
 */
export function readDerElement(bytes: Uint8Array, offset = 0): DerElement {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined) throw derFault('A DER element is cut off.');
  if ((tag & 0x1f) === 0x1f) throw derFault('A DER element has a long identifier, which no certificate needs.');
  let start = offset + 2;
  let length = first;
  if (first >= 0x80) {
    const octets = first & 0x7f;
    if (octets === 0 || octets > 3) throw derFault('A DER length is indefinite or absurd.');
    length = 0;
    for (let i = 0; i < octets; i += 1) {
      const octet = bytes[start + i];
      if (octet === undefined) throw derFault('A DER length is cut off.');
      length = length * 256 + octet;
    }
    if (length < 0x80 || length < 2 ** (8 * (octets - 1))) throw derFault('A DER length is not in its shortest form.');
    start += octets;
  }
  const end = start + length;
  if (end > bytes.length) {
    throw derFault('A DER element reaches past the end.', `${length} bytes`, `${bytes.length - start} bytes`);
  }
  return { tag, content: bytes.subarray(start, end), encoded: bytes.subarray(offset, end) };
}
