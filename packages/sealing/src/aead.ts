/**
 * AES-256-GCM through node:crypto: constant time on hardware with AES instructions, which table-based JavaScript AES
 * is not. Runs inside the enclave.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

const tagLength = 16;

/**
 * Encrypts; the result is ciphertext followed by the 16-byte tag.
 *
 * The caller guarantees that a key never meets the same nonce twice: keys of tee-seal/1 are used for one blob each.
 *
 * @param key 32 bytes @param nonce 12 bytes
 */
export function aeadSeal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  cipher.setAAD(aad);
  return new Uint8Array(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
}

/** Decrypts what {@link aeadSeal} made, or returns null when key, nonce, AAD, ciphertext or tag differ in any bit. */
export function aeadOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Uint8Array<ArrayBuffer> | null {
  if (sealed.length < tagLength) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(sealed.length - tagLength));
  const plaintext = decipher.update(sealed.subarray(0, sealed.length - tagLength));
  try {
    return new Uint8Array(Buffer.concat([plaintext, decipher.final()]));
  } catch {
    // The only thing final() reports is a tag that does not fit; nothing decrypted may leave this function.
    plaintext.fill(0);
    return null;
  }
}
