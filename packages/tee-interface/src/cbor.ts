/**
 * The CBOR that this project signs, hashes and seals: exactly one encoding for a value.
 *
 * Values are null, booleans, numbers, strings, Uint8Array, arrays and Maps (string or integer keys). `decodeCanonical`
 * accepts bytes only if encoding the decoded value gives the same bytes again, which refuses duplicate keys,
 * non-minimal integers, indefinite lengths and trailing bytes in one rule (cbor-x itself accepts the first two).
 */
import { Decoder, Encoder } from 'cbor-x/index-no-eval';
import { TeeError } from './errors/tee-error.ts';
import type { JsonValue } from './json.ts';

/** A value with a canonical encoding. */
export type CborValue = null | boolean | number | string | Uint8Array | CborValue[] | Map<string | number, CborValue>;

const options = { mapsAsObjects: false, useRecords: false, tagUint8Array: false } as const;
const encoder = new Encoder(options);
const decoder = new Decoder(options);

// Far more than any message of ours nests, far less than what overflows a stack.
const maxDepth = 64;

/** Encodes a value. @throws {TeeError} ERR_CBOR for a value without an encoding (undefined, NaN, a class, too deep). */
export function encodeCanonical(value: CborValue): Uint8Array {
  assertEncodable(value, 0);
  // A copy: cbor-x hands out views into a buffer that it goes on writing to.
  return new Uint8Array(encoder.encode(value));
}

/** Decodes canonical bytes. @throws {TeeError} ERR_CBOR for anything else, including bytes left over. */
export function decodeCanonical(bytes: Uint8Array): CborValue {
  let value: CborValue;
  try {
    // A view of its own: cbor-x hangs a property onto what it decodes.
    value = decoder.decode(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)) as CborValue;
    assertEncodable(value, 0);
  } catch (cause) {
    throw new TeeError('ERR_CBOR', 'The bytes are not well-formed CBOR of the accepted kinds.', { cause });
  }
  const again = encodeCanonical(value);
  if (again.length !== bytes.length || again.some((byte, index) => byte !== bytes[index])) {
    throw new TeeError('ERR_CBOR', 'The bytes are not the canonical encoding of their value.', {
      expected: `${again.length} bytes that encode the value again`,
      actual: `${bytes.length} other bytes`,
    });
  }
  return value;
}

function assertEncodable(value: unknown, depth: number): asserts value is CborValue {
  if (depth > maxDepth) throw new TeeError('ERR_CBOR', `A value nests deeper than ${maxDepth} levels.`);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (value instanceof Uint8Array) return;
  if (Array.isArray(value)) {
    for (const item of value) assertEncodable(item, depth + 1);
    return;
  }
  if (value instanceof Map) {
    for (const [key, item] of value) {
      if (typeof key !== 'string' && !Number.isSafeInteger(key)) break;
      assertEncodable(item, depth + 1);
    }
    if ([...value.keys()].every((key) => typeof key === 'string' || Number.isSafeInteger(key))) return;
  }
  throw new TeeError('ERR_CBOR', 'A value has no canonical encoding.', { actual: typeof value });
}

/** A plain value as it stands in method parameters and results: JSON plus bytes. Absent members are left out. */
export type PlainValue = JsonValue | Uint8Array | undefined | PlainValue[] | { [key: string]: PlainValue };

/** Encodes a plain value (objects become maps in member order, members that are undefined are left out). */
export function encodePlain(value: PlainValue): Uint8Array {
  return encodeCanonical(toMaps(value, 0));
}

/** Decodes what {@link encodePlain} made. Objects have a null prototype, so no key can reach a prototype. */
export function decodePlain(bytes: Uint8Array): PlainValue {
  return fromMaps(decodeCanonical(bytes));
}

function toMaps(value: PlainValue, depth: number): CborValue {
  if (depth > maxDepth) throw new TeeError('ERR_CBOR', `A value nests deeper than ${maxDepth} levels.`);
  if (Array.isArray(value)) return value.map((item) => toMaps(item === undefined ? null : item, depth + 1));
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value as CborValue;
  const map = new Map<string, CborValue>();
  for (const [key, item] of Object.entries(value)) if (item !== undefined) map.set(key, toMaps(item, depth + 1));
  return map;
}

function fromMaps(value: CborValue): PlainValue {
  if (Array.isArray(value)) return value.map(fromMaps);
  if (!(value instanceof Map)) return value;
  const object: { [key: string]: PlainValue } = Object.create(null);
  for (const [key, item] of value) object[String(key)] = fromMaps(item);
  return object;
}
