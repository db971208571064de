import type { CipherSuite } from 'hpke';

/** One AES-256-GCM key; the key itself cannot be read back. */
export interface AeadKey {
  /**
   * Ciphertext and tag (16 bytes) behind `head`.
   * @param nonce 12 bytes that this key never saw before; @param head what stands before, in clear: saves copying
   */
  seal(nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array, head?: Uint8Array): Promise<Uint8Array>;
  /** The plaintext, or null when anything about the input is not what was sealed. */
  open(nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Promise<Uint8Array | null>;
}

/** A secret that keys are derived from (HKDF-SHA256, RFC 5869); it cannot be read back. */
export interface DerivationKey {
  derive(salt: Uint8Array, info: Uint8Array, length: number): Promise<Uint8Array>;
}

/** An Ed25519 key pair (RFC 8032) whose private half cannot be read back. */
export interface SigningKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** The cryptography of the channel. `web.ts` has it from WebCrypto, `node.ts` from OpenSSL; package imports choose. */
export interface ChannelCrypto {
  /** Random bytes from the platform's generator; for what becomes public, drawn in bulk. */
  randomNonce(length: number): Uint8Array;
  /** Random bytes from the platform's generator. */
  randomBytes(length: number): Uint8Array;
  /** 32 bytes. */
  sha256(bytes: Uint8Array): Promise<Uint8Array>;
  /** @param raw 32 bytes; copied, so the caller may wipe them */
  aeadKey(raw: Uint8Array): Promise<AeadKey>;
  /** @param raw copied, so the caller may wipe it */
  derivationKey(raw: Uint8Array): Promise<DerivationKey>;
  generateSigningKey(): Promise<SigningKey>;
  /** @param seed 32 bytes, the private key of RFC 8032; copied, so the caller may wipe it */
  importSigningKey(seed: Uint8Array): Promise<SigningKey>;
  /** False for whatever is not a signature of this key over these bytes, also for what is no key. */
  verifySignature(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, export only (RFC 9180). */
  readonly hpke: CipherSuite;
}
