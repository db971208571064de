import { createPublicKey, type KeyObject } from 'node:crypto';

/** The 32 bytes of a public key of a Curve25519 scheme (RFC 8037). As JWK: a hundredth of the time of DER. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  return new Uint8Array(Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url'));
}

/** The public key of these 32 bytes. @throws when they are not 32 */
export function publicKeyOf(curve: 'X25519' | 'Ed25519', raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: curve, x }, format: 'jwk' });
}
