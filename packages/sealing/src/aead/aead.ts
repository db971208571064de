import { TeeError } from '@neo-service-layer/tee-interface';

/** Length of key, nonce and tag of every AEAD of tee-seal/1, in bytes. */
export const aeadLengths: { readonly key: 32; readonly nonce: 12; readonly tag: 16 } = { key: 32, nonce: 12, tag: 16 };

/**
 * One implementation of one AEAD (RFC 5116). Implementations of the same algorithm give the same bytes.
 *
 * The caller guarantees that a key never meets the same nonce twice: keys of tee-seal/1 are used for one blob each.
 */
export interface Aead {
  /** COSE algorithm (RFC 9053 §4): 3 is A256GCM, 24 is ChaCha20/Poly1305. */
  readonly coseAlg: 3 | 24;
  /** For people. */
  readonly name: string;
  /**
   * What its running time and memory accesses depend on. `hardware` and `arithmetic` do not depend on the key.
   * `table` looks up tables at places that the key decides: a host that watches caches or pages reads the key.
   */
  readonly sideChannel: 'hardware' | 'arithmetic' | 'table';
  /** Encrypts `plaintext` into `into`: ciphertext, then the tag. `into` is exactly 16 bytes longer. */
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array, into: Uint8Array): void;
  /**
   * Decrypts what {@link Aead.seal} made into `into`, exactly 16 bytes shorter. False when key, nonce, AAD, ciphertext
   * or tag differ in any bit; `into` is all zeros then.
   */
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array, into: Uint8Array): boolean;
}

/**
 * Refuses an implementation whose memory accesses depend on the key. Everything of this package that takes an
 * {@link Aead} calls it, so inside an enclave a table-based cipher cannot be used by mistake.
 *
 * @param options.allowTableAes for tools and tests outside an enclave
 * @throws {TeeError} ERR_SEAL_TABLE_AES
 */
export function requireNoTables(aead: Aead, options: { allowTableAes?: boolean | undefined } = {}): void {
  if (aead.sideChannel !== 'table' || options.allowTableAes === true) return;
  throw new TeeError('ERR_SEAL_TABLE_AES', `${aead.name} leaks its key to a host that watches caches or pages.`, {
    expected: 'an AEAD whose memory accesses do not depend on the key',
    actual: aead.name,
    hint: 'Use nodeAes256Gcm or a ChaCha20-Poly1305 in the enclave; allowTableAes is for tools outside of it.',
  });
}
