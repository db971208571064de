import { TeeError } from '@neo-service-layer/tee-interface';

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hex of bytes. */
export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += digits[byte];
  return hex;
}

/** The bytes of hex in either case. @throws {TeeError} ERR_INVALID_ARGUMENT for anything else. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  if (hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex)) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'A string is not hex.', { actual: `${hex.length} characters` });
  }
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** The low `bytes` bytes of an integer, little-endian, as hex: how a 64-bit SGX field stands in memory. */
export function littleEndianHex(value: bigint, bytes: number): string {
  let hex = '';
  for (let i = 0; i < bytes; i += 1) hex += digits[Number((value >> BigInt(8 * i)) & 0xffn)];
  return hex;
}
