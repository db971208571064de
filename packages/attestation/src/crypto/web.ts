import { ownedCopy } from '../bytes/owned-copy.ts';
import type { CryptoBackend, P256PublicKey } from './backend.ts';

const subtle = globalThis.crypto.subtle;
type WebKey = Awaited<ReturnType<typeof subtle.importKey>>;

class WebP256PublicKey implements P256PublicKey {
  readonly backend = 'web';
  readonly key: WebKey;

  constructor(key: WebKey) {
    this.key = key;
  }
}

/** {@link CryptoBackend} over WebCrypto. */
export const crypto: CryptoBackend = {
  async importP256PublicKey(point) {
    if (point.length !== 64) return null;
    const uncompressed = new Uint8Array(65);
    uncompressed[0] = 4;
    uncompressed.set(point, 1);
    try {
      return new WebP256PublicKey(
        await subtle.importKey('raw', uncompressed, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']),
      );
    } catch {
      return null;
    }
  },

  async verifyP256(key, signature, data) {
    if (!(key instanceof WebP256PublicKey)) throw new TypeError('The key was imported by another backend.');
    if (signature.length !== 64) return false;
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
    return subtle.verify(algorithm, key.key, ownedCopy(signature), ownedCopy(data));
  },

  async sha256(data) {
    return new Uint8Array(await subtle.digest('SHA-256', ownedCopy(data)));
  },
};
