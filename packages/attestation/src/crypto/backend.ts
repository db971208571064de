/** A P-256 public key as the backend holds it; only the backend that imported it can use it. */
export interface P256PublicKey {
  readonly backend: 'node' | 'web';
}

/**
 * The three primitives that verification needs. Both backends behave alike: the node backend (OpenSSL) is the fast
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
}
