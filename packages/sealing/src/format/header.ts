/**
 * The protected header of tee-seal/1 (docs/tee-seal.md). Parsing trusts nothing: every field is the blob's own claim
 * until the key commitment was checked.
 */
import { TeeError } from '@neo-service-layer/tee-interface';
import { type CborValue, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import type { SealPolicy } from '../keys/key-source.ts';
import { CborItems, UnexpectedItem } from './cbor-items.ts';

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
// The member that ends every header: label -70003, then 32 bytes.
const commitmentPrefix = Uint8Array.of(0x3a, 0x00, 0x01, 0x11, 0x72, 0x58, 0x20);
const commitmentLabelBytes = 5;

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

/** Takes a protected header apart. @throws {TeeError} ERR_SEAL_FORMAT naming what is wrong */
export function parseHeader(protectedBytes: Uint8Array): ParsedHeader {
  const items = new CborItems(protectedBytes);
  try {
    const members = items.map();
    const header = readHeader(items);
    requireLabel(items, labels.commitment, 'the commitment');
    const end = items.offset - commitmentLabelBytes;
    const commitment = items.bytes(32);
    if (items.offset !== protectedBytes.length || members !== memberCount(header)) {
      throw new UnexpectedItem('these members and no others');
    }
    // A copy in any case: `slice` of a Buffer is a view, and the blob must stay as it is.
    const bareHeader = Uint8Array.from(protectedBytes.subarray(0, end));
    bareHeader[0] = (bareHeader[0] ?? 0) - 1;
    return { header, commitment, bareHeader };
  } catch (error) {
    if (!(error instanceof UnexpectedItem)) throw error;
    throw malformed(`the protected header at byte ${items.offset}`, error.message, error);
  }
}

/** Reads the members in their one order. */
function readHeader(items: CborItems): SealHeader {
  requireLabel(items, labels.alg, 'the algorithm');
  const alg = items.count(24);
  if (alg !== 3 && alg !== 24) throw new UnexpectedItem('3 (A256GCM) or 24 (ChaCha20/Poly1305)');
  const keyring = items.label(labels.kid) ? decodeKid(items.bytes(20)) : null;
  const iv = items.label(labels.iv) ? items.bytes(12) : null;
  requireLabel(items, labels.version, 'the version');
  if (items.text(16) !== version) throw new UnexpectedItem(version);
  requireLabel(items, labels.salt, 'the salt');
  const salt = items.bytes(32);
  requireLabel(items, labels.name, 'the name');
  const name = items.text(headerLimits.nameLength * 4);
  const epoch = items.label(labels.epoch) ? items.count(maxUint32) : null;
  requireLabel(items, labels.chunkSize, 'the chunk size');
  const chunkSize = items.count(headerLimits.maxChunkSize, headerLimits.minChunkSize);
  const plaintextLength = items.label(labels.plaintextLength) ? items.count(maxUint32) : null;
  const expectedIv = plaintextLength === null ? null : chunkNonce(lastChunk(plaintextLength, chunkSize), true);
  const isIvRight = iv === null ? expectedIv === null : expectedIv !== null && Buffer.compare(iv, expectedIv) === 0;
  if (!isIvRight) throw new UnexpectedItem('a length with the IV of its last chunk');
  return { coseAlg: alg, recipient: keyring ?? readDevice(items), salt, name, epoch, chunkSize, plaintextLength };
}

function memberCount({ recipient, epoch, plaintextLength }: SealHeader): number {
  return 6 + (recipient.kind === 'keyring' ? 1 : 5) + (epoch === null ? 0 : 1) + (plaintextLength === null ? 0 : 2);
}

function requireLabel(items: CborItems, label: number, what: string): void {
  if (!items.label(label)) throw new UnexpectedItem(`${what} (label ${label})`);
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

function readDevice(items: CborItems): DeviceRecipient {
  requireLabel(items, labels.keyCheck, 'the key check');
  const keyCheck = items.bytes(16);
  requireLabel(items, labels.policy, 'the policy');
  const policy = items.count(2, 1) === 1 ? 'enclave' : 'signer';
  requireLabel(items, labels.keyRequest, 'the key request');
  if (items.array() !== 4) throw new UnexpectedItem('a key request of four fields');
  const [keyId, cpuSvn] = [items.bytes(32), items.bytes(16)];
  const [isvSvn, configSvn] = [items.count(0xffff), items.count(0xffff)];
  requireLabel(items, labels.mrEnclave, 'the MRENCLAVE');
  const mrEnclave = toHex(items.bytes(32));
  requireLabel(items, labels.mrSigner, 'the MRSIGNER');
  const mrSigner = toHex(items.bytes(32));
  return { kind: 'device', keyCheck, policy, keyId, cpuSvn, isvSvn, configSvn, mrEnclave, mrSigner };
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
