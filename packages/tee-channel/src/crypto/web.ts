import { AEAD_EXPORT_ONLY, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke';
import { concatBytes, ownBytes } from '../bytes.ts';
import type { AeadKey, ChannelCrypto, DerivationKey } from './contract.ts';
import { ed25519Pkcs8 } from './ed25519-pkcs8.ts';

type CryptoKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

const { subtle } = crypto;

class WebAeadKey implements AeadKey {
  readonly #key: CryptoKey;

  constructor(key: CryptoKey) {
    this.#key = key;
  }

  async seal(nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array, head?: Uint8Array): Promise<Uint8Array> {
    const params = { name: 'AES-GCM', iv: ownBytes(nonce), additionalData: ownBytes(aad) };
    const sealed = new Uint8Array(await subtle.encrypt(params, this.#key, ownBytes(plaintext)));
    return head === undefined ? sealed : concatBytes(head, sealed);
  }

  async open(nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Promise<Uint8Array | null> {
    const params = { name: 'AES-GCM', iv: ownBytes(nonce), additionalData: ownBytes(aad) };
    try {
      return new Uint8Array(await subtle.decrypt(params, this.#key, ownBytes(sealed)));
    } catch {
      return null;
    }
  }
}

class WebDerivationKey implements DerivationKey {
  readonly #key: CryptoKey;

  constructor(key: CryptoKey) {
    this.#key = key;
  }

  async derive(salt: Uint8Array, info: Uint8Array, length: number): Promise<Uint8Array> {
    const params = { name: 'HKDF', hash: 'SHA-256', salt: ownBytes(salt), info: ownBytes(info) };
    return new Uint8Array(await subtle.deriveBits(params, this.#key, length * 8));
  }
}

function fromBase64Url(text: string): Uint8Array {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** {@link ChannelCrypto} over WebCrypto, for browsers and whatever else has it. */
export const channelCrypto: ChannelCrypto = {
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),

  randomNonce: (length) => crypto.getRandomValues(new Uint8Array(length)),

  sha256: async (bytes) => new Uint8Array(await subtle.digest('SHA-256', ownBytes(bytes))),

  aeadKey: async (raw) =>
    new WebAeadKey(await subtle.importKey('raw', ownBytes(raw), 'AES-GCM', false, ['encrypt', 'decrypt'])),

  derivationKey: async (raw) =>
    new WebDerivationKey(await subtle.importKey('raw', ownBytes(raw), 'HKDF', false, ['deriveBits'])),

  async generateSigningKey() {
    const pair = await subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
    if (!('privateKey' in pair)) throw new TypeError('Ed25519 is not available');
    const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
    const { privateKey } = pair;
    return {
      publicKey,
      sign: async (bytes) => new Uint8Array(await subtle.sign({ name: 'Ed25519' }, privateKey, ownBytes(bytes))),
    };
  },

  async importSigningKey(seed) {
    const pkcs8 = ed25519Pkcs8(seed);
    try {
      // Only a key that can be exported tells its public half; the one that stays cannot.
      const exportable = await subtle.importKey('pkcs8', pkcs8, { name: 'Ed25519' }, true, ['sign']);
      const { x = '' } = await subtle.exportKey('jwk', exportable);
      const key = await subtle.importKey('pkcs8', pkcs8, { name: 'Ed25519' }, false, ['sign']);
      return {
        publicKey: fromBase64Url(x),
        sign: async (bytes) => new Uint8Array(await subtle.sign({ name: 'Ed25519' }, key, ownBytes(bytes))),
      };
    } finally {
      pkcs8.fill(0);
    }
  },

  async verifySignature(publicKey, bytes, signature) {
    try {
      const key = await subtle.importKey('raw', ownBytes(publicKey), { name: 'Ed25519' }, false, ['verify']);
      return await subtle.verify({ name: 'Ed25519' }, key, ownBytes(signature), ownBytes(bytes));
    } catch {
      // Not a point of the curve: no signature of it can be right.
      return false;
    }
  },

  hpke: new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_EXPORT_ONLY),
};
