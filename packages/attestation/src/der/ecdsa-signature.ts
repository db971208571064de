import { derFault } from './der-element.ts';
import { DerReader } from './der-reader.ts';
import { readIntegerBytes } from './der-values.ts';

/**
 * Turns an ECDSA-Sig-Value (RFC 3279 §2.2.3) into the 64 bytes r and s.
 * @throws {TeeError} ERR_CERT_FORMAT when it is not strict DER or a number does not fit 32 bytes
 */
export function readEcdsaSignature(der: Uint8Array): Uint8Array<ArrayBuffer> {
  const reader = DerReader.open(der);
  const r = readIntegerBytes(reader.next());
  const s = readIntegerBytes(reader.next());
  reader.end();
  const signature = new Uint8Array(64);
  place(signature, r, 32);
  place(signature, s, 64);
  return signature;
}

function place(target: Uint8Array, integer: Uint8Array, end: number): void {
  const magnitude = integer[0] === 0 ? integer.subarray(1) : integer;
  if ((integer[0] ?? 0) >= 0x80 || magnitude.length > 32) throw derFault('A signature number is out of its range.');
  target.set(magnitude, end - magnitude.length);
}
