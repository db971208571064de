/** Length of an enclave signature structure (SDM Vol 3D, "SIGSTRUCT"). */
export const sigstructSize = 1808;

/** Offsets in SIGSTRUCT. Big numbers in it are little-endian. */
export const sigstructOffsets = {
  header: 0,
  vendor: 16,
  date: 20,
  header2: 24,
  softwareDefined: 40,
  modulus: 128,
  exponent: 512,
  signature: 516,
  miscSelect: 900,
  miscMask: 904,
  isvFamilyId: 912,
  attributes: 928,
  attributeMask: 944,
  enclaveHash: 960,
  isvExtProdId: 1008,
  isvProdId: 1024,
  isvSvn: 1026,
  signedEnd: 1028,
  q1: 1040,
  q2: 1424,
} as const;

/** Length of the modulus and of the signature: RSA-3072. */
export const rsaSize = 384;

export const header = Uint8Array.from(Buffer.from('06000000e10000000000010000000000', 'hex'));
export const header2 = Uint8Array.from(Buffer.from('01010000600000006000000001000000', 'hex'));

/** The two pieces that the signature covers, as one: bytes 0 to 127 and 900 to 1027. */
export function signedPart(sigstruct: Uint8Array): Uint8Array {
  return Buffer.concat([
    sigstruct.subarray(0, sigstructOffsets.modulus),
    sigstruct.subarray(sigstructOffsets.miscSelect, sigstructOffsets.signedEnd),
  ]);
}

/** The number that little-endian bytes stand for. */
export function bigFromLittleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex') || '0'}`);
}

/** Little-endian bytes of a number below 2^3072. */
export function littleEndianFromBig(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(rsaSize * 2, '0'), 'hex').reverse();
}
