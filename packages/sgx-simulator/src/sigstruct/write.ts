import { type KeyObject, sign } from 'node:crypto';
import type { SgxAttributes } from '@neo-service-layer/attestation/device';
import { TeeError } from '@neo-service-layer/tee-interface';
import {
  sigstructOffsets as at,
  bigFromLittleEndian,
  header,
  header2,
  littleEndianFromBig,
  rsaSize,
  signedPart,
  sigstructSize,
} from './layout.ts';

/** What the signer of an enclave states about it. */
export interface SigstructFields {
  /** 32 bytes: the measurement that EINIT compares with its own. */
  enclaveHash: Uint8Array;
  attributes: SgxAttributes;
  /** The bits of ATTRIBUTES that must be as stated. DEBUG outside of it allows debug launches. */
  attributeMask: SgxAttributes;
  miscSelect: number;
  miscMask: number;
  isvProdId: number;
  isvSvn: number;
  /** 16 bytes each, zero without KSS. */
  isvFamilyId: Uint8Array;
  isvExtProdId: Uint8Array;
  /** Day of signing as the decimal digits yyyymmdd read as hex, e.g. 0x20250610. */
  date: number;
}

/**
 * Writes and signs a SIGSTRUCT: RSA-3072, e = 3, PKCS #1 v1.5 with SHA-256, Q1 and Q2 precomputed for the processor.
 * Deterministic: the same fields and key give the same bytes.
 *
 * @throws {TeeError} ERR_INVALID_ARGUMENT for any other kind of key
 */
export function writeSigstruct(fields: SigstructFields, privateKey: KeyObject): Uint8Array {
  const bytes = Buffer.alloc(sigstructSize);
  bytes.set(header, at.header);
  bytes.writeUInt32LE(fields.date, at.date);
  bytes.set(header2, at.header2);
  bytes.set(modulusOf(privateKey), at.modulus);
  bytes.writeUInt32LE(3, at.exponent);
  bytes.writeUInt32LE(fields.miscSelect, at.miscSelect);
  bytes.writeUInt32LE(fields.miscMask, at.miscMask);
  bytes.set(fields.isvFamilyId, at.isvFamilyId);
  writeAttributes(bytes, at.attributes, fields.attributes);
  writeAttributes(bytes, at.attributeMask, fields.attributeMask);
  bytes.set(fields.enclaveHash, at.enclaveHash);
  bytes.set(fields.isvExtProdId, at.isvExtProdId);
  bytes.writeUInt16LE(fields.isvProdId, at.isvProdId);
  bytes.writeUInt16LE(fields.isvSvn, at.isvSvn);
  bytes.set(sign('sha256', signedPart(bytes), privateKey).reverse(), at.signature);
  const [q1, q2] = quotients(bytes);
  bytes.set(littleEndianFromBig(q1), at.q1);
  bytes.set(littleEndianFromBig(q2), at.q2);
  return new Uint8Array(bytes);
}

/** Q1 = ⌊s² / n⌋ and Q2 = ⌊(s³ − Q1·s·n) / n⌋ of the signature in `sigstruct` (SDM Vol 3D, "EINIT"). */
export function quotients(sigstruct: Uint8Array): [bigint, bigint] {
  const s = bigFromLittleEndian(sigstruct.subarray(at.signature, at.signature + rsaSize));
  const n = bigFromLittleEndian(sigstruct.subarray(at.modulus, at.modulus + rsaSize));
  if (n === 0n) return [0n, 0n];
  const q1 = (s * s) / n;
  return [q1, (s * s * s - q1 * s * n) / n];
}

/** The modulus of a key fit for signing enclaves, little-endian. */
export function modulusOf(key: KeyObject): Uint8Array {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType !== 'rsa' || details?.modulusLength !== 3072 || details.publicExponent !== 3n) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'Enclaves are signed with RSA-3072 and the public exponent 3.', {
      actual: `${key.asymmetricKeyType ?? key.type} ${details?.modulusLength ?? ''}, exponent ${details?.publicExponent ?? 'none'}`,
      hint: 'openssl genrsa -3 -out key.pem 3072',
    });
  }
  const { n = '' } = key.export({ format: 'jwk' });
  return Buffer.from(n, 'base64url').reverse();
}

function writeAttributes(bytes: Buffer, offset: number, attributes: SgxAttributes): void {
  bytes.writeBigUInt64LE(attributes.flags, offset);
  bytes.writeBigUInt64LE(attributes.xfrm, offset + 8);
}
