import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { CryptoBackend, P256PublicKey } from './backend.ts';

class NodeP256PublicKey implements P256PublicKey {
  readonly backend = 'node';
  readonly key: KeyObject;

  constructor(key: KeyObject) {
    this.key = key;
  }
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/** {@link CryptoBackend} over OpenSSL. */
export const crypto: CryptoBackend = {
  async importP256PublicKey(point) {
    if (point.length !== 64) return null;
    // As JWK: half the time of SPKI DER.
    const jwk = { kty: 'EC', crv: 'P-256', x: base64Url(point.subarray(0, 32)), y: base64Url(point.subarray(32)) };
    try {
      return new NodeP256PublicKey(createPublicKey({ key: jwk, format: 'jwk' }));
    } catch {
      return null;
    }
  },

  async verifyP256(key, signature, data) {
    if (!(key instanceof NodeP256PublicKey)) throw new TypeError('The key was imported by another backend.');
    if (signature.length !== 64) return false;
    return verify('sha256', data, { key: key.key, dsaEncoding: 'ieee-p1363' }, signature);
  },

  async sha256(data) {
    return new Uint8Array(createHash('sha256').update(data).digest());
  },
};
