/**
 * The bytes of tee-seal/1: a COSE_Encrypt0 (RFC 9052) whose protected header holds everything that is needed to ask
 * the CPU for the key again. Parsing trusts nothing; every field is authenticated only once unseal succeeds.
 */
import { bytesToHex, TeeError } from '@neo-service-layer/tee-interface';
import { type CborValue, decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import type { SealPolicy } from './key-source.ts';

/** The one chunk's nonce: chunk 0, marked as the last. A key seals one blob, so a fixed nonce never repeats under it. */
export const singleChunkNonce: Uint8Array = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/** The protected header by name. Unauthenticated until {@link Sealer.unseal} accepted the blob. */
export interface SealHeader {
  salt: Uint8Array;
  /** 32 bytes, or null while the header is being built. */
  commitment: Uint8Array | null;
  keyCheck: Uint8Array;
  name: string;
  plaintextLength: number;
  policy: SealPolicy;
  keyId: Uint8Array;
  cpuSvn: Uint8Array;
  isvSvn: number;
  configSvn: number;
  /** Who sealed, as a hint for error messages. Hex. */
  mrEnclave: string;
  /** Hex. */
  mrSigner: string;
}

/** A blob taken apart. */
export interface SealEnvelope {
  header: SealHeader;
  /** The encoded header as it stands in the blob. */
  protectedBytes: Uint8Array;
  /** Ciphertext and tag. */
  body: Uint8Array;
}

const cosePrefix = 0xd0; // CBOR tag 16, COSE_Encrypt0
const alg = 3; // A256GCM, RFC 9053
const maxHeaderLength = 4096;
const labels = {
  alg: 1,
  iv: 5,
  version: -70001,
  salt: -70002,
  commitment: -70003,
  name: -70004,
  plaintextLength: -70008,
  keyCheck: -70009,
  policy: -70010,
  keyRequest: -70011,
  mrEnclave: -70012,
  mrSigner: -70014,
} as const;

/** Encodes a header; members always stand in this order, so a header has one encoding. */
export function encodeHeader(header: SealHeader): Uint8Array {
  const map = new Map<number, CborValue>([
    [labels.alg, alg],
    [labels.iv, singleChunkNonce],
    [labels.version, 'tee-seal/1'],
    [labels.salt, header.salt],
    [labels.name, header.name],
    [labels.plaintextLength, header.plaintextLength],
    [labels.keyCheck, header.keyCheck],
    [labels.policy, header.policy === 'enclave' ? 1 : 2],
    [labels.keyRequest, [header.keyId, header.cpuSvn, header.isvSvn, header.configSvn]],
    [labels.mrEnclave, hexToBytes(header.mrEnclave)],
    [labels.mrSigner, hexToBytes(header.mrSigner)],
  ]);
  if (header.commitment !== null) map.set(labels.commitment, header.commitment);
  return encodeCanonical(map);
}

/** Puts a blob together. */
export function encodeEnvelope(protectedBytes: Uint8Array, body: Uint8Array): Uint8Array {
  const array = encodeCanonical([protectedBytes, new Map(), body]);
  const blob = new Uint8Array(array.length + 1);
  blob[0] = cosePrefix;
  blob.set(array, 1);
  return blob;
}

/** Takes a blob apart. @throws {TeeError} ERR_SEAL_FORMAT naming the part that is wrong */
export function parseEnvelope(blob: Uint8Array): SealEnvelope {
  if (blob[0] !== cosePrefix) throw malformed('the first byte', 'd0 (COSE_Encrypt0)');
  const parts = decode(blob.subarray(1), 'the envelope');
  if (!Array.isArray(parts) || parts.length !== 3) throw malformed('the envelope', 'an array of three parts');
  const [protectedBytes, unprotected, body] = parts;
  if (!(protectedBytes instanceof Uint8Array) || protectedBytes.length > maxHeaderLength) {
    throw malformed('the protected header', `at most ${maxHeaderLength} bytes`);
  }
  if (!(unprotected instanceof Map) || unprotected.size !== 0)
    throw malformed('the unprotected header', 'an empty map');
  if (!(body instanceof Uint8Array)) throw malformed('the body', 'bytes');
  return { header: parseHeader(protectedBytes), protectedBytes, body };
}

function parseHeader(protectedBytes: Uint8Array): SealHeader {
  const map = decode(protectedBytes, 'the protected header');
  if (!(map instanceof Map)) throw malformed('the protected header', 'a map');
  const known: ReadonlySet<unknown> = new Set(Object.values(labels));
  for (const key of map.keys()) if (!known.has(key)) throw malformed(`header label ${key}`, 'a label of tee-seal/1');
  const bytes = (label: number, length: number, value: CborValue | undefined = map.get(label)): Uint8Array => {
    if (value instanceof Uint8Array && value.length === length) return value;
    throw malformed(`header label ${label}`, `${length} bytes`);
  };
  const count = (label: number, limit: number, value: CborValue | undefined = map.get(label)): number => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= limit) return value;
    throw malformed(`header label ${label}`, `an integer from 0 to ${limit}`);
  };
  if (map.get(labels.version) !== 'tee-seal/1') throw malformed('the version', 'tee-seal/1');
  if (map.get(labels.alg) !== alg) throw malformed('the algorithm', '3 (A256GCM)');
  if (bytesToHex(bytes(labels.iv, 12)) !== bytesToHex(singleChunkNonce)) {
    throw malformed('the IV', 'that of a single chunk');
  }
  const name = map.get(labels.name);
  if (typeof name !== 'string') throw malformed('the name', 'text');
  const policy = count(labels.policy, 2);
  const request = map.get(labels.keyRequest);
  if (policy === 0 || !Array.isArray(request) || request.length !== 4)
    throw malformed('the key request', 'four fields');
  return {
    salt: bytes(labels.salt, 32),
    commitment: bytes(labels.commitment, 32),
    keyCheck: bytes(labels.keyCheck, 16),
    name,
    plaintextLength: count(labels.plaintextLength, 2 ** 32),
    policy: policy === 1 ? 'enclave' : 'signer',
    keyId: bytes(labels.keyRequest, 32, request[0]),
    cpuSvn: bytes(labels.keyRequest, 16, request[1]),
    isvSvn: count(labels.keyRequest, 0xffff, request[2]),
    configSvn: count(labels.keyRequest, 0xffff, request[3]),
    mrEnclave: bytesToHex(bytes(labels.mrEnclave, 32)),
    mrSigner: bytesToHex(bytes(labels.mrSigner, 32)),
  };
}

function decode(bytes: Uint8Array, what: string): CborValue {
  try {
    return decodeCanonical(bytes);
  } catch (cause) {
    throw malformed(what, 'canonical CBOR', cause);
  }
}

function hexToBytes(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

function malformed(what: string, expected: string, cause?: unknown): TeeError {
  return new TeeError('ERR_SEAL_FORMAT', `Not a tee-seal/1 blob: ${what} is not ${expected}.`, {
    expected,
    hint: 'Check that these are the whole bytes that sealData returned.',
    cause,
  });
}
