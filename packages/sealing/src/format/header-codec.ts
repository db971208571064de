/**
 * The bytes of a protected header. Parsing trusts nothing: every field is the blob's own claim until the key commitment
 * was checked.
 */
import { CborItems, UnexpectedItem } from './cbor-items.ts';
import { CborWriter } from './cbor-writer.ts';
import {
  chunkNonce,
  type DeviceRecipient,
  headerLimits,
  type KeyringRecipient,
  lastChunk,
  malformed,
  type ParsedHeader,
  type SealHeader,
} from './header.ts';

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
// More than all members together but the name.
const mostFixedBytes = 512;

/** The header's encoding without its commitment; members always stand in this order, so a header has one encoding. */
export function encodeBareHeader(header: SealHeader): Uint8Array {
  const { recipient, plaintextLength, epoch } = header;
  const out = new CborWriter(mostFixedBytes + Buffer.byteLength(header.name));
  // All members but the commitment.
  out.map(memberCount(header) - 1);
  const member = (label: number) => {
    out.integer(label);
    return out;
  };
  member(labels.alg).integer(header.coseAlg);
  if (recipient.kind === 'keyring') member(labels.kid).bytes(encodeKid(recipient));
  if (plaintextLength !== null) member(labels.iv).bytes(chunkNonce(lastChunk(plaintextLength, header.chunkSize), true));
  member(labels.version).text(version);
  member(labels.salt).bytes(header.salt);
  member(labels.name).text(header.name);
  if (epoch !== null) member(labels.epoch).integer(epoch);
  member(labels.chunkSize).integer(header.chunkSize);
  if (plaintextLength !== null) member(labels.plaintextLength).integer(plaintextLength);
  if (recipient.kind === 'device') {
    const { keyCheck, policy, keyId, cpuSvn, isvSvn, configSvn, mrEnclave, mrSigner } = recipient;
    member(labels.keyCheck).bytes(keyCheck);
    member(labels.policy).integer(policy === 'enclave' ? 1 : 2);
    member(labels.keyRequest).array(4);
    out.bytes(keyId);
    out.bytes(cpuSvn);
    out.integer(isvSvn);
    out.integer(configSvn);
    member(labels.mrEnclave).bytes(fromHex(mrEnclave));
    member(labels.mrSigner).bytes(fromHex(mrSigner));
  }
  return out.written;
}

/** Adds the commitment: one member more, at the end. */
export function withCommitment(bareHeader: Uint8Array, commitment: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(bareHeader.length + commitmentPrefix.length + 32);
  bytes.set(bareHeader, 0);
  // The maps of tee-seal/1 have fewer than 23 members, so the first byte is 0xa0 + their number.
  bytes[0] = (bareHeader[0] ?? 0) + 1;
  bytes.set(commitmentPrefix, bareHeader.length);
  bytes.set(commitment, bareHeader.length + commitmentPrefix.length);
  return bytes;
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
    // A copy: the blob must stay as it is.
    const bareHeader = Buffer.allocUnsafe(end);
    bareHeader.set(protectedBytes.subarray(0, end));
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
  return { kind: 'keyring', keyringId: new Uint8Array(kid.subarray(0, 16)), generation };
}

function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
