import { channelCrypto } from '#crypto';
import type { SigningKey } from './crypto/contract.ts';

/** The enclave's identity for one boot: an Ed25519 key that never leaves its memory. */
export class EnclaveIdentity {
  readonly #key: SigningKey;
  /** 32 bytes; committed to by the quote. */
  readonly publicKey: Uint8Array;

  private constructor(key: SigningKey) {
    this.#key = key;
    this.publicKey = key.publicKey;
  }

  /** Makes a new identity; the private key cannot be exported, not even by this program. */
  static async generate(): Promise<EnclaveIdentity> {
    return new EnclaveIdentity(await channelCrypto.generateSigningKey());
  }

  /** Ed25519 (RFC 8032) over the bytes: 64 bytes. */
  sign(bytes: Uint8Array): Promise<Uint8Array> {
    return this.#key.sign(bytes);
  }
}

/** True when the signature over the bytes is one of this public key. */
export function verifyIdentitySignature(
  publicKey: Uint8Array,
  bytes: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  return channelCrypto.verifySignature(publicKey, bytes, signature);
}
