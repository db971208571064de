import { TeeError } from '@neo-service-layer/tee-interface';
import type { SgxAttributes } from '../device/report-body.ts';
import { StructReader } from '../device/struct.ts';

/** Length of a SIGSTRUCT (SDM Vol. 3D, "Enclave Signature Structure"). */
export const sigStructSize = 1808;

/** Length of the modulus, the signature, Q1 and Q2: RSA-3072. */
const rsaLength = 384;

/** What the signer of an enclave states about it. Nothing of it has been verified when it was merely parsed. */
export interface SigStruct {
  /** 0, or 0x8086 for enclaves of Intel's. */
  vendor: number;
  /** Day of signing, yyyymmdd in binary-coded decimal. */
  date: number;
  /** For whoever signs to use. */
  softwareDefined: number;
  /** The measurement that the processor demands: MRENCLAVE, 32 bytes. */
  enclaveHash: Uint8Array;
  attributes: SgxAttributes;
  /** Bits of the attributes that must be as stated. */
  attributeMask: SgxAttributes;
  miscSelect: number;
  miscMask: number;
  isvProdId: number;
  isvSvn: number;
  /** 16 bytes each; zero without KSS. */
  isvFamilyId: Uint8Array;
  isvExtProdId: Uint8Array;
  /** 384 bytes each, little-endian. */
  modulus: Uint8Array;
  signature: Uint8Array;
  q1: Uint8Array;
  q2: Uint8Array;
  /** The bytes that the signature is over: 0 to 127 and 900 to 1027. */
  signedBytes: Uint8Array;
}

/** The two fixed fields that make a SIGSTRUCT one. */
const sigStructHeaders: readonly [Uint8Array, Uint8Array] = [
  Uint8Array.of(6, 0, 0, 0, 0xe1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0),
  Uint8Array.of(1, 1, 0, 0, 0x60, 0, 0, 0, 0x60, 0, 0, 0, 1, 0, 0, 0),
];

/** Whether a SIGSTRUCT can stand here: its two headers do. */
export function looksLikeSigStruct(bytes: Uint8Array, offset = 0): boolean {
  const [first, second] = sigStructHeaders;
  return (
    offset + sigStructSize <= bytes.length &&
    first.every((byte, index) => bytes[offset + index] === byte) &&
    second.every((byte, index) => bytes[offset + 24 + index] === byte)
  );
}

/**
 * Reads a SIGSTRUCT; verifies nothing.
 * @throws {TeeError} ERR_DEVICE_STRUCT for another length, another header or exponent, or a reserved byte that is not zero
 */
export function parseSigStruct(bytes: Uint8Array): SigStruct {
  const reader = new StructReader('SIGSTRUCT', bytes, sigStructSize);
  if (!looksLikeSigStruct(bytes)) {
    throw new TeeError('ERR_DEVICE_STRUCT', 'The headers of the SIGSTRUCT are not those of an enclave.');
  }
  const exponent = reader.u32(512);
  if (exponent !== 3) {
    throw new TeeError('ERR_DEVICE_STRUCT', 'The processor takes signatures with the exponent 3 only.', {
      expected: '3',
      actual: String(exponent),
    });
  }
  for (const [name, offset, length] of reserved) reader.requireZero(`SIGSTRUCT.${name}`, offset, length);
  return {
    vendor: reader.u32(16),
    date: reader.u32(20),
    softwareDefined: reader.u32(40),
    enclaveHash: reader.bytes(960, 32),
    attributes: { flags: reader.u64(928), xfrm: reader.u64(936) },
    attributeMask: { flags: reader.u64(944), xfrm: reader.u64(952) },
    miscSelect: reader.u32(900),
    miscMask: reader.u32(904),
    isvProdId: reader.u16(1024),
    isvSvn: reader.u16(1026),
    isvFamilyId: reader.bytes(912, 16),
    isvExtProdId: reader.bytes(1008, 16),
    modulus: reader.bytes(128, rsaLength),
    signature: reader.bytes(516, rsaLength),
    q1: reader.bytes(1040, rsaLength),
    q2: reader.bytes(1424, rsaLength),
    signedBytes: Uint8Array.from([...reader.bytes(0, 128), ...reader.bytes(900, 128)]),
  };
}

/** Reserved fields: CET attributes (908 to 911) are left to the processors that know them. */
const reserved = [
  ['reserved1', 44, 84],
  ['reserved3', 992, 16],
  ['reserved4', 1028, 12],
] as const;
