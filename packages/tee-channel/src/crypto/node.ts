import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { AEAD_EXPORT_ONLY, CipherSuite } from 'hpke';
import { concatBytes } from '../bytes.ts';
import type { AeadKey, ChannelCrypto, DerivationKey, SigningKey } from './contract.ts';
import { ed25519Pkcs8 } from './ed25519-pkcs8.ts';
import { hkdfExpand, hkdfExtract, hkdfSha256 } from './node/hkdf.ts';
import { publicKeyOf, rawPublicKey } from './node/raw-keys.ts';
import { dhkemX25519 } from './node/x25519-kem.ts';

const tagLength = 16;
const nothing = new Uint8Array();

class NodeAeadKey implements AeadKey {
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  async seal(
    nonce: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
    head: Uint8Array = nothing,
  ): Promise<Uint8Array> {
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: tagLength }).setAAD(aad);
    const body = cipher.update(plaintext);
    // GCM leaves nothing for the end: final only computes the tag.
    cipher.final();
    return concatBytes(head, body, cipher.getAuthTag());
  }

  async open(nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Promise<Uint8Array | null> {
    if (sealed.length < tagLength) return null;
    const end = sealed.length - tagLength;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: tagLength })
      .setAAD(aad)
      .setAuthTag(sealed.subarray(end));
    const plaintext = decipher.update(sealed.subarray(0, end));
    try {
      decipher.final();
    } catch {
      return null;
    }
    return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length);
  }
}

class NodeDerivationKey implements DerivationKey {
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  async derive(salt: Uint8Array, info: Uint8Array, length: number): Promise<Uint8Array> {
    return hkdfExpand(hkdfExtract(salt, this.#key), info, length);
  }
}

/** Asking the generator costs as much for 32 bytes as for thousands. No byte is given out twice. */
class RandomPool {
  #bytes: Uint8Array = nothing;
  #next = 0;

  draw(length: number): Uint8Array {
    if (this.#next + length > this.#bytes.length) {
      this.#bytes = randomBytes(Math.max(length, 4096));
      this.#next = 0;
    }
    this.#next += length;
    return this.#bytes.slice(this.#next - length, this.#next);
  }
}

function signingKey(key: KeyObject): SigningKey {
  return {
    publicKey: rawPublicKey(createPublicKey(key)),
    sign: async (bytes) => new Uint8Array(sign(null, bytes, key)),
  };
}

const pool = new RandomPool();

/** {@link ChannelCrypto} over OpenSSL: no hop to the thread pool, of which an enclave has few threads. */
export const channelCrypto: ChannelCrypto = {
  randomBytes: (length) => new Uint8Array(randomBytes(length)),

  randomNonce: (length) => pool.draw(length),

  sha256: async (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),

  aeadKey: async (raw) => new NodeAeadKey(createSecretKey(raw)),

  derivationKey: async (raw) => new NodeDerivationKey(createSecretKey(raw)),

  generateSigningKey: async () => signingKey(generateKeyPairSync('ed25519').privateKey),

  importSigningKey: async (seed) => {
    const key = Buffer.from(ed25519Pkcs8(seed));
    try {
      return signingKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
    } finally {
      key.fill(0);
    }
  },

  async verifySignature(publicKey, bytes, signature) {
    try {
      return verify(null, bytes, publicKeyOf('Ed25519', publicKey), signature);
    } catch {
      // Not a point of the curve: no signature of it can be right.
      return false;
    }
  },

  hpke: new CipherSuite(dhkemX25519, hkdfSha256, AEAD_EXPORT_ONLY),
};
