/** A P-256 public key as the backend holds it; only the backend that imported it can use it. */
export interface P256PublicKey {
  readonly backend: 'node' | 'web';
}

/** Hash functions (FIPS 180-4). */
export type HashName = 'SHA-256' | 'SHA-384' | 'SHA-512';

/** How a certificate is signed: ECDSA (signatures are r and s, each as long as the curve), or RSASSA-PKCS1-v1_5. */
export type SignatureScheme =
  | { kind: 'ecdsa'; curve: 'P-256' | 'P-384'; hash: HashName }
  | { kind: 'rsa-pkcs1'; hash: HashName };

/** A P-256 key pair that can leave the process: whoever holds it must keep `pkcs8` as secret as the key. */
export interface P256KeyPair {
  /** SubjectPublicKeyInfo, DER. */
  spki: Uint8Array;
  /** PrivateKeyInfo, DER. */
  pkcs8: Uint8Array;
}

/**
 * The primitives that verification needs, and those that make an RA-TLS certificate. Both backends behave alike: the node backend (OpenSSL) is the fast
 * one, the web backend runs wherever WebCrypto does. Which one a program gets is decided by the `#crypto` import of
 * package.json (condition `node`).
 */
export interface CryptoBackend {
  /**
   * Imports a public key.
   * @param point 64 bytes: x and y, big-endian (a quote's attestation key, or a certificate's point without its 04)
   * @returns null when the bytes are not a point on the curve
   */
  importP256PublicKey(point: Uint8Array): Promise<P256PublicKey | null>;

  /**
   * ECDSA over SHA-256 (FIPS 186-4).
   * @param signature 64 bytes: r and s, big-endian
   */
  verifyP256(key: P256PublicKey, signature: Uint8Array, data: Uint8Array): Promise<boolean>;

  sha256(data: Uint8Array): Promise<Uint8Array>;

  digest(hash: HashName, data: Uint8Array): Promise<Uint8Array>;

  /**
   * Checks a signature by a key of any supported kind; slower than {@link verifyP256}, which remembers keys.
   * @param spki SubjectPublicKeyInfo, DER
   * @returns false also for a key that is none, or of another kind than the scheme
   */
  verifySignature(scheme: SignatureScheme, spki: Uint8Array, signature: Uint8Array, data: Uint8Array): Promise<boolean>;

  /** Makes a key pair from the platform's randomness. */
  generateP256KeyPair(): Promise<P256KeyPair>;

  /**
   * ECDSA over SHA-256.
   * @returns 64 bytes: r and s
   * @throws {TypeError} for a key that is not a P-256 key
   */
  signP256(pkcs8: Uint8Array, data: Uint8Array): Promise<Uint8Array>;
}
