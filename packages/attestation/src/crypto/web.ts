import { ownedCopy } from '../bytes/owned-copy.ts';
import type { CryptoBackend, P256PublicKey, SignatureScheme } from './backend.ts';

const subtle = globalThis.crypto.subtle;
type WebKey = Awaited<ReturnType<typeof subtle.importKey>>;

class WebP256PublicKey implements P256PublicKey {
  readonly backend = 'web';
  readonly key: WebKey;

  constructor(key: WebKey) {
    this.key = key;
  }
}

const p256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;

function schemeAlgorithm(scheme: SignatureScheme) {
  return scheme.kind === 'ecdsa'
    ? { name: 'ECDSA', namedCurve: scheme.curve, hash: scheme.hash }
    : { name: 'RSASSA-PKCS1-v1_5', hash: scheme.hash };
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

  async digest(hash, data) {
    return new Uint8Array(await subtle.digest(hash, ownedCopy(data)));
  },

  async verifySignature(scheme, spki, signature, data) {
    const algorithm = schemeAlgorithm(scheme);
    let key: WebKey;
    try {
      key = await subtle.importKey('spki', ownedCopy(spki), algorithm, false, ['verify']);
    } catch {
      return false;
    }
    return subtle.verify(algorithm, key, ownedCopy(signature), ownedCopy(data));
  },

  async generateP256KeyPair() {
    const { publicKey, privateKey } = await subtle.generateKey(p256, true, ['sign', 'verify']);
    return {
      spki: new Uint8Array(await subtle.exportKey('spki', publicKey)),
      pkcs8: new Uint8Array(await subtle.exportKey('pkcs8', privateKey)),
    };
  },

  async signP256(pkcs8, data) {
    let key: WebKey;
    try {
      key = await subtle.importKey('pkcs8', ownedCopy(pkcs8), p256, false, ['sign']);
    } catch (cause) {
      throw new TypeError('The key is not on P-256.', { cause });
    }
    return new Uint8Array(await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, ownedCopy(data)));
  },
};
