import { ownBytes } from './bytes.ts';

/** The enclave's identity for one boot: an Ed25519 key that never leaves its memory. */
export class EnclaveIdentity {
  readonly #privateKey: CryptoKey;
  /** 32 bytes; committed to by the quote. */
  readonly publicKey: Uint8Array;

  private constructor(privateKey: CryptoKey, publicKey: Uint8Array) {
    this.#privateKey = privateKey;
    this.publicKey = publicKey;
  }

  /** Makes a new identity; the private key cannot be exported, not even by this program. */
  static async generate(): Promise<EnclaveIdentity> {
    const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
    if (!('privateKey' in pair)) throw new TypeError('Ed25519 is not available');
    const raw = await crypto.subtle.exportKey('raw', pair.publicKey);
    return new EnclaveIdentity(pair.privateKey, new Uint8Array(raw));
  }

  /** Ed25519 (RFC 8032) over the bytes: 64 bytes. */
  async sign(bytes: Uint8Array): Promise<Uint8Array> {
    return new Uint8Array(await crypto.subtle.sign({ name: 'Ed25519' }, this.#privateKey, ownBytes(bytes)));
  }
}

/** True when the signature over the bytes is one of this public key. */
export async function verifyIdentitySignature(
  publicKey: Uint8Array,
  bytes: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', ownBytes(publicKey), { name: 'Ed25519' }, false, ['verify']);
    return await crypto.subtle.verify({ name: 'Ed25519' }, key, ownBytes(signature), ownBytes(bytes));
  } catch {
    // Not a point of the curve: no signature of it can be right.
    return false;
  }
}

type CryptoKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;
