/**
 * The envelope of tee-seal/1: a COSE_Encrypt0 (RFC 9052 §5.2) around a protected header and a body, or around a
 * protected header alone with the body behind it or elsewhere (a detached body).
 *
 * Written by hand because the body may have gigabytes: a general decoder would copy it, and re-encode it to see that
 * its length was minimal.
 */
import { TeeError } from '@neo-service-layer/tee-interface';
import { itemHead, joinBytes } from './cbor-items.ts';
import { headerLimits, malformed, type ParsedHeader } from './header.ts';
import { parseHeader } from './header-codec.ts';

/** A blob taken apart. Views into the blob, nothing copied. */
export interface SealEnvelope extends ParsedHeader {
  /** The encoded header as it stands in the blob. */
  protectedBytes: Uint8Array;
  /** Chunks, each with its tag. */
  body: Uint8Array;
}

/** The part before the body. */
export interface EnvelopePrefix extends ParsedHeader {
  protectedBytes: Uint8Array;
  /** Where the body begins. */
  length: number;
  /** Length of an attached body as the envelope says, null for a detached one. */
  bodyLength: number | null;
}

/** Longest part before a body: a reader that has so many bytes and no header yet can give up. */
export const maxPrefixBytes: number = headerLimits.headerBytes + 16;

/** Encodes what stands before a body of this length, or before a detached one (null). */
export function encodePrefix(protectedBytes: Uint8Array, bodyLength: number | null): Uint8Array {
  // Tag 16 (COSE_Encrypt0), an array of three: the header, an empty map, the body or null.
  const bodyHead = bodyLength === null ? Uint8Array.of(0xf6) : itemHead(2, bodyLength);
  const head = itemHead(2, protectedBytes.length);
  return joinBytes(Uint8Array.of(0xd0, 0x83), head, protectedBytes, Uint8Array.of(0xa0), bodyHead);
}

/**
 * Takes the part before the body apart.
 * @returns null when the bytes end within it
 * @throws {TeeError} ERR_SEAL_FORMAT naming the part that is wrong
 */
export function parsePrefix(bytes: Uint8Array): EnvelopePrefix | null {
  if (bytes.length === 0) return null;
  if (bytes[0] !== 0xd0) throw malformed('the first byte', 'd0 (COSE_Encrypt0)');
  if (bytes.length > 1 && bytes[1] !== 0x83) throw malformed('the envelope', 'an array of three parts');
  const head = readBytesHead(bytes, 2, 'the protected header');
  if (head === null) return null;
  if (head.value > headerLimits.headerBytes) {
    throw malformed('the protected header', `at most ${headerLimits.headerBytes} bytes`);
  }
  const end = head.end + head.value;
  if (bytes.length > end && bytes[end] !== 0xa0) throw malformed('the unprotected header', 'an empty map');
  if (bytes.length < end + 2) return null;
  const isDetached = bytes[end + 1] === 0xf6;
  const body = isDetached ? { end: end + 2, value: null } : readBytesHead(bytes, end + 1, 'the body');
  if (body === null) return null;
  const protectedBytes = bytes.subarray(head.end, end);
  const { header, commitment, bareHeader } = parseHeader(protectedBytes);
  return { header, commitment, bareHeader, protectedBytes, length: body.end, bodyLength: body.value };
}

/**
 * Takes a blob apart. A detached body is what follows the envelope.
 * @throws {TeeError} ERR_SEAL_FORMAT naming the part that is wrong, ERR_SEAL_TRUNCATED when the blob ends early
 */
export function parseEnvelope(blob: Uint8Array): SealEnvelope {
  if (blob.length === 0) throw malformed('the blob', 'at least one byte');
  const prefix = parsePrefix(blob);
  if (prefix === null) throw truncated('a whole header', `${blob.length} bytes`);
  const { header, commitment, bareHeader, protectedBytes, length, bodyLength } = prefix;
  const body = blob.subarray(length);
  requireWholeBody(bodyLength, body.length);
  return { header, commitment, bareHeader, protectedBytes, body };
}

/** Compares the body that is there with the length that an envelope says. @throws {TeeError} ERR_SEAL_TRUNCATED, ERR_SEAL_FORMAT */
export function requireWholeBody(said: number | null, found: number): void {
  if (said === null || said === found) return;
  if (found < said) throw truncated(`a body of ${said} bytes`, `${found} bytes`);
  throw malformed('the end of the blob', 'where its body ends');
}

/** ERR_SEAL_TRUNCATED. */
export function truncated(expected: string, actual: string): TeeError {
  return new TeeError('ERR_SEAL_TRUNCATED', 'The sealed bytes end too early.', {
    expected,
    actual,
    hint: 'The copy or download stopped early, or somebody cut the end off: fetch the blob again or restore it.',
  });
}

/** Reads the head of a byte string (RFC 8949 §3.1, major type 2), shortest form only. */
function readBytesHead(bytes: Uint8Array, at: number, what: string): { value: number; end: number } | null {
  const first = bytes[at];
  if (first === undefined) return null;
  if (first >= 0x40 && first < 0x58) return { value: first - 0x40, end: at + 1 };
  const size = { 88: 1, 89: 2, 90: 4 }[first];
  if (size === undefined) throw malformed(what, 'bytes of at most 4 GiB');
  const end = at + 1 + size;
  if (bytes.length < end) return null;
  let value = 0;
  for (let i = at + 1; i < end; i += 1) value = value * 256 + (bytes[i] ?? 0);
  const least = { 1: 24, 2: 0x100, 4: 0x1_0000 }[size] ?? 0;
  if (value < least) throw malformed(`the length of ${what}`, 'in its shortest form');
  return { value, end };
}
