import { derFault } from './der-element.ts';
import { DerReader } from './der-reader.ts';
import { readIntegerBytes } from './der-values.ts';

/**
 * Turns an ECDSA-Sig-Value (RFC 3279 §2.2.3) into r and s, each of as many bytes as the curve has: 64 in all for P-256.
 * @throws {TeeError} ERR_CERT_FORMAT when it is not strict DER or a number does not fit
 */
export function readEcdsaSignature(der: Uint8Array, size = 32): Uint8Array<ArrayBuffer> {
  const reader = DerReader.open(der);
  const r = readIntegerBytes(reader.next());
  const s = readIntegerBytes(reader.next());
  reader.end();
  const signature = new Uint8Array(2 * size);
  place(signature.subarray(0, size), r);
  place(signature.subarray(size), s);
  return signature;
}

function place(target: Uint8Array, integer: Uint8Array): void {
  const magnitude = integer[0] === 0 ? integer.subarray(1) : integer;
  if ((integer[0] ?? 0) >= 0x80 || magnitude.length > target.length)
    throw derFault('A signature number is out of its range.');
  target.set(magnitude, target.length - magnitude.length);
}
