import { createHash, createPublicKey, verify } from 'node:crypto';
import { TeeError } from '@neo-service-layer/tee-interface';
import {
  sigstructOffsets as at,
  bigFromLittleEndian,
  header,
  header2,
  rsaSize,
  signedPart,
  sigstructSize,
} from './layout.ts';
import { quotients, type SigstructFields } from './write.ts';

/** A SIGSTRUCT as read; `mrSigner` is derived from its modulus. */
export interface Sigstruct extends SigstructFields {
  /** SHA-256 of the modulus as it stands (little-endian), 32 bytes. */
  mrSigner: Uint8Array;
}

/**
 * Reads a SIGSTRUCT. The signature is not checked: see {@link verifySigstruct}.
 * @throws {TeeError} ERR_DEVICE_STRUCT for another length or other fixed header bytes
 */
export function parseSigstruct(bytes: Uint8Array): Sigstruct {
  if (bytes.length !== sigstructSize) {
    throw new TeeError('ERR_DEVICE_STRUCT', 'The SIGSTRUCT has the wrong length.', {
      expected: `${sigstructSize} bytes`,
      actual: `${bytes.length} bytes`,
    });
  }
  const data = Buffer.from(bytes);
  const piece = (offset: number, length: number) => new Uint8Array(data.subarray(offset, offset + length));
  if (
    Buffer.compare(piece(at.header, 16), header) !== 0 ||
    Buffer.compare(piece(at.header2, 16), header2) !== 0 ||
    data.readUInt32LE(at.exponent) !== 3
  ) {
    throw new TeeError('ERR_DEVICE_STRUCT', 'The fixed fields of the SIGSTRUCT are not those of an SGX enclave.');
  }
  return {
    mrSigner: new Uint8Array(createHash('sha256').update(piece(at.modulus, rsaSize)).digest()),
    enclaveHash: piece(at.enclaveHash, 32),
    attributes: { flags: data.readBigUInt64LE(at.attributes), xfrm: data.readBigUInt64LE(at.attributes + 8) },
    attributeMask: { flags: data.readBigUInt64LE(at.attributeMask), xfrm: data.readBigUInt64LE(at.attributeMask + 8) },
    miscSelect: data.readUInt32LE(at.miscSelect),
    miscMask: data.readUInt32LE(at.miscMask),
    isvProdId: data.readUInt16LE(at.isvProdId),
    isvSvn: data.readUInt16LE(at.isvSvn),
    isvFamilyId: piece(at.isvFamilyId, 16),
    isvExtProdId: piece(at.isvExtProdId, 16),
    date: data.readUInt32LE(at.date),
  };
}

/**
 * Whether the signature of a SIGSTRUCT holds under the modulus it carries, with Q1 and Q2 as the processor wants them.
 * That says who signed (MRSIGNER), not whether to trust them.
 *
 * @param bytes a SIGSTRUCT that {@link parseSigstruct} reads
 */
export function verifySigstruct(bytes: Uint8Array): boolean {
  const data = Buffer.from(bytes);
  const modulus = Buffer.from(data.subarray(at.modulus, at.modulus + rsaSize)).reverse();
  const signature = Buffer.from(data.subarray(at.signature, at.signature + rsaSize)).reverse();
  const [q1, q2] = quotients(data);
  if (bigFromLittleEndian(data.subarray(at.q1, at.q1 + rsaSize)) !== q1) return false;
  if (bigFromLittleEndian(data.subarray(at.q2, at.q2 + rsaSize)) !== q2) return false;
  try {
    const key = createPublicKey({ key: { kty: 'RSA', n: modulus.toString('base64url'), e: 'Aw' }, format: 'jwk' });
    return verify('sha256', signedPart(data), key, signature);
  } catch {
    return false;
  }
}
