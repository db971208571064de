/**
 * The protected header of tee-seal/1 (docs/tee-seal.md). Parsing trusts nothing: every field is the blob's own claim
 * until the key commitment was checked.
 */
import { TeeError } from '@neo-service-layer/tee-interface';
import { type CborValue, decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import type { SealPolicy } from '../keys/key-source.ts';

/** A blob sealed under the CPU's own key: what to ask EGETKEY for, and who sealed, as a hint for error messages. */
export interface DeviceRecipient {
  kind: 'device';
  /** 16 bytes: equal for equal key-encryption keys. */
  keyCheck: Uint8Array;
  policy: SealPolicy;
  keyId: Uint8Array;
  cpuSvn: Uint8Array;
  isvSvn: number;
  configSvn: number;
  /** Hex. */
  mrEnclave: string;
  /** Hex. */
  mrSigner: string;
}

/** A blob sealed under a generation of a keyring. */
export interface KeyringRecipient {
  kind: 'keyring';
  /** 16 bytes. */
  keyringId: Uint8Array;
  generation: number;
}

/** The protected header by name. */
export interface SealHeader {
  coseAlg: 3 | 24;
  recipient: DeviceRecipient | KeyringRecipient;
  /** 32 bytes. */
  salt: Uint8Array;
  name: string;
  /** Version of the data under its name, or null when nobody counts. */
  epoch: number | null;
  /** Plaintext bytes of each chunk but the last. */
  chunkSize: number;
  /** Null when the data was a stream whose length was not known when the header was written. */
  plaintextLength: number | null;
}

/** Bounds of a header that is accepted. */
export const headerLimits: {
  readonly headerBytes: number;
  readonly nameLength: number;
  readonly minChunkSize: number;
  readonly maxChunkSize: number;
} = { headerBytes: 4096, nameLength: 512, minChunkSize: 64, maxChunkSize: 1024 * 1024 };

const version = 'tee-seal/1';
const maxUint32 = 0xffff_ffff;
const labels = {
  alg: 1,
  kid: 4,
  iv: 5,
  version: -70001,
  salt: -70002,
  commitment: -70003,
  name: -70004,
  epoch: -70005,
  chunkSize: -70007,
  plaintextLength: -70008,
  keyCheck: -70009,
  policy: -70010,
  keyRequest: -70011,
  mrEnclave: -70012,
  mrSigner: -70014,
} as const;
const knownLabels: ReadonlySet<unknown> = new Set(Object.values(labels));
// The member that ends every header: label -70003, then 32 bytes.
const commitmentPrefix = Uint8Array.of(0x3a, 0x00, 0x01, 0x11, 0x72, 0x58, 0x20);

/** The header's encoding without its commitment; members always stand in this order, so a header has one encoding. */
export function encodeBareHeader(header: SealHeader): Uint8Array {
  const { recipient, plaintextLength, epoch } = header;
  const map = new Map<number, CborValue>([[labels.alg, header.coseAlg]]);
  if (recipient.kind === 'keyring') map.set(labels.kid, encodeKid(recipient));
  if (plaintextLength !== null) map.set(labels.iv, chunkNonce(lastChunk(plaintextLength, header.chunkSize), true));
  map.set(labels.version, version).set(labels.salt, header.salt).set(labels.name, header.name);
  if (epoch !== null) map.set(labels.epoch, epoch);
  map.set(labels.chunkSize, header.chunkSize);
  if (plaintextLength !== null) map.set(labels.plaintextLength, plaintextLength);
  if (recipient.kind === 'device') {
    const { keyCheck, policy, keyId, cpuSvn, isvSvn, configSvn, mrEnclave, mrSigner } = recipient;
    map.set(labels.keyCheck, keyCheck).set(labels.policy, policy === 'enclave' ? 1 : 2);
    map.set(labels.keyRequest, [keyId, cpuSvn, isvSvn, configSvn]);
    map.set(labels.mrEnclave, fromHex(mrEnclave)).set(labels.mrSigner, fromHex(mrSigner));
  }
  return encodeCanonical(map);
}

/** Adds the commitment: one member more, at the end. */
export function withCommitment(bareHeader: Uint8Array, commitment: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(bareHeader.length + commitmentPrefix.length + 32);
  bytes.set(bareHeader, 0);
  // The maps of tee-seal/1 have fewer than 23 members, so the first byte is 0xa0 + their number.
  bytes[0] = (bareHeader[0] ?? 0) + 1;
  bytes.set(commitmentPrefix, bareHeader.length);
  bytes.set(commitment, bareHeader.length + commitmentPrefix.length);
  return bytes;
}

/** A protected header taken apart. */
export interface ParsedHeader {
  header: SealHeader;
  /** 32 bytes. */
  commitment: Uint8Array;
  /** What {@link encodeBareHeader} made when the blob was sealed. */
  bareHeader: Uint8Array;
}

/** Takes a protected header apart. @throws {TeeError} ERR_SEAL_FORMAT naming the part that is wrong */
export function parseHeader(protectedBytes: Uint8Array): ParsedHeader {
  let map: CborValue;
  try {
    map = decodeCanonical(protectedBytes);
  } catch (cause) {
    throw malformed('the protected header', 'canonical CBOR', cause);
  }
  if (!(map instanceof Map)) throw malformed('the protected header', 'a map');
  for (const key of map.keys()) if (!knownLabels.has(key)) throw malformed(`header label ${key}`, 'one of tee-seal/1');
  const fields = new Fields(map);
  if (map.get(labels.version) !== version) throw malformed('the version', version);
  const alg = map.get(labels.alg);
  if (alg !== 3 && alg !== 24) throw malformed('the algorithm', '3 (A256GCM) or 24 (ChaCha20/Poly1305)');
  const name = map.get(labels.name);
  if (typeof name !== 'string') throw malformed('the name', 'text');
  const header: SealHeader = {
    coseAlg: alg,
    recipient: map.has(labels.kid) ? decodeKid(fields.bytes(labels.kid, 20)) : deviceRecipient(fields),
    salt: fields.bytes(labels.salt, 32),
    name,
    epoch: map.has(labels.epoch) ? fields.count(labels.epoch, maxUint32) : null,
    chunkSize: fields.count(labels.chunkSize, headerLimits.maxChunkSize, headerLimits.minChunkSize),
    plaintextLength: map.has(labels.plaintextLength) ? fields.count(labels.plaintextLength, maxUint32) : null,
  };
  const commitment = fields.bytes(labels.commitment, 32);
  // A copy in any case: `slice` of a Buffer is a view, and the blob must stay as it is.
  const bareHeader = Uint8Array.from(protectedBytes.subarray(0, protectedBytes.length - commitmentPrefix.length - 32));
  bareHeader[0] = (bareHeader[0] ?? 0) - 1;
  // One rule for the order of members, members that exclude one another, and the IV.
  if (Buffer.compare(encodeBareHeader(header), bareHeader) !== 0) {
    throw malformed('the protected header', 'the encoding of its fields in their order');
  }
  return { header, commitment, bareHeader };
}

/** The nonce of a chunk: seven zero bytes, its number (big endian), and 1 for the last chunk or 0. */
export function chunkNonce(index: number, isLast: boolean): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(7, index);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

/** The number of the last chunk: data without bytes is one empty chunk, and no other chunk is empty. */
export function lastChunk(plaintextLength: number, chunkSize: number): number {
  return Math.max(Math.ceil(plaintextLength / chunkSize), 1) - 1;
}

/** ERR_SEAL_FORMAT about one part. */
export function malformed(what: string, expected: string, cause?: unknown): TeeError {
  return new TeeError('ERR_SEAL_FORMAT', `Not a tee-seal/1 blob: ${what} is not ${expected}.`, {
    expected,
    hint: 'Check that these are the whole bytes that sealing gave.',
    cause,
  });
}

class Fields {
  readonly #map: Map<string | number, CborValue>;

  constructor(map: Map<string | number, CborValue>) {
    this.#map = map;
  }

  get(label: number): CborValue | undefined {
    return this.#map.get(label);
  }

  bytes(label: number, length: number, value: CborValue | undefined = this.#map.get(label)): Uint8Array {
    if (value instanceof Uint8Array && value.length === length) return value;
    throw malformed(`header label ${label}`, `${length} bytes`);
  }

  count(label: number, most: number, least = 0, value: CborValue | undefined = this.#map.get(label)): number {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    throw malformed(`header label ${label}`, `an integer from ${least} to ${most}`);
  }
}

function deviceRecipient(fields: Fields): DeviceRecipient {
  const policy = fields.count(labels.policy, 2, 1);
  const request = fields.get(labels.keyRequest);
  if (!Array.isArray(request) || request.length !== 4) throw malformed('the key request', 'four fields');
  return {
    kind: 'device',
    keyCheck: fields.bytes(labels.keyCheck, 16),
    policy: policy === 1 ? 'enclave' : 'signer',
    keyId: fields.bytes(labels.keyRequest, 32, request[0]),
    cpuSvn: fields.bytes(labels.keyRequest, 16, request[1]),
    isvSvn: fields.count(labels.keyRequest, 0xffff, 0, request[2]),
    configSvn: fields.count(labels.keyRequest, 0xffff, 0, request[3]),
    mrEnclave: toHex(fields.bytes(labels.mrEnclave, 32)),
    mrSigner: toHex(fields.bytes(labels.mrSigner, 32)),
  };
}

function encodeKid({ keyringId, generation }: KeyringRecipient): Uint8Array {
  const kid = new Uint8Array(20);
  kid.set(keyringId, 0);
  new DataView(kid.buffer).setUint32(16, generation);
  return kid;
}

function decodeKid(kid: Uint8Array): KeyringRecipient {
  const generation = new DataView(kid.buffer, kid.byteOffset).getUint32(16);
  return { kind: 'keyring', keyringId: Uint8Array.from(kid.subarray(0, 16)), generation };
}

function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
