import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A key that enclaves can be signed with; making one takes a second. */
const signKey: KeyObject = generateKeyPairSync('rsa', { modulusLength: 3072, publicExponent: 3 }).privateKey;

const number = (littleEndian: Uint8Array) => BigInt(`0x${Buffer.from(littleEndian).reverse().toString('hex')}`);
const bytes = (value: bigint) => Buffer.from(value.toString(16).padStart(768, '0'), 'hex').reverse();

/** A SIGSTRUCT written from SDM Vol. 3D and signed with OpenSSL. @param change is made to it before it is signed */
export function buildSigStruct(change: (struct: Buffer) => void = () => {}): Buffer {
  const struct = Buffer.alloc(1808);
  struct.write('06000000e10000000000010000000000', 0, 'hex');
  struct.writeUInt32LE(0x20261201, 20);
  struct.write('01010000600000006000000001000000', 24, 'hex');
  struct.set(Buffer.from(signKey.export({ format: 'jwk' }).n ?? '', 'base64url').reverse(), 128);
  struct.writeUInt32LE(3, 512);
  struct.fill(0xff, 904, 908);
  struct.writeBigUInt64LE(4n, 928);
  struct.writeBigUInt64LE(3n, 936);
  struct.writeBigUInt64LE(0xffff_ffff_ffff_fffdn, 944);
  struct.fill(0x5a, 960, 992);
  struct.writeUInt16LE(7, 1024);
  struct.writeUInt16LE(2, 1026);
  change(struct);
  const signed = Buffer.concat([struct.subarray(0, 128), struct.subarray(900, 1028)]);
  struct.set(sign('sha256', signed, signKey).reverse(), 516);
  const [n, s] = [number(struct.subarray(128, 512)), number(struct.subarray(516, 900))];
  const q1 = (s * s) / n;
  struct.set(bytes(q1), 1040);
  struct.set(bytes((s * s * s - q1 * s * n) / n), 1424);
  return struct;
}
