import { TeeError } from '@neo-service-layer/tee-interface';

const digitCodes = new TextEncoder().encode('0123456789abcdef');

/** Lower-case hex of bytes. */
export function toHex(bytes: Uint8Array): string {
  let hex = '';
  // In parts, since arguments of a call have a limit.
  for (let at = 0; at < bytes.length; at += 4096) hex += partToHex(bytes.subarray(at, at + 4096));
  return hex;
}

function partToHex(bytes: Uint8Array): string {
  const codes: number[] = [];
  for (const byte of bytes) codes.push(digitCodes[byte >> 4] ?? 0, digitCodes[byte & 15] ?? 0);
  return Reflect.apply(String.fromCharCode, null, codes);
}

/** The bytes of hex in either case. @throws {TeeError} ERR_INVALID_ARGUMENT for anything else. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  if (hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex)) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'A string is not hex.', { actual: `${hex.length} characters` });
  }
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i += 1) {
    bytes[i] = (digitValue(hex.charCodeAt(2 * i)) << 4) | digitValue(hex.charCodeAt(2 * i + 1));
  }
  return bytes;
}

/** The low four bits of a digit are its value; of a letter in either case, nine less. */
function digitValue(unit: number): number {
  return unit < 0x40 ? unit & 15 : (unit & 15) + 9;
}

/** A 64-bit field as it stands in memory, little-endian, as hex. */
export function littleEndianHex64(value: bigint): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return toHex(bytes);
}

/** A 32-bit field as it stands in memory, little-endian, as hex. */
export function littleEndianHex32(value: number): string {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return toHex(bytes);
}
