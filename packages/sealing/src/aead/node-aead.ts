/** AEADs of OpenSSL through node:crypto: AES with the CPU's AES instructions, ChaCha20 without tables. The default. */
import { type CipherGCMTypes, createCipheriv, createDecipheriv } from 'node:crypto';
import { type Aead, aeadLengths } from './aead.ts';

const options = { authTagLength: aeadLengths.tag };
/**
 * Bytes that OpenSSL is given at a time. node:crypto allocates memory for what comes of each; pieces of this size come
 * from the heap and go back to it, while larger ones are asked of the system and returned to it every time, which costs
 * several times what the cipher does.
 */
const pieceBytes = 65_536;

/** AES-256-GCM (NIST SP 800-38D), the default of tee-seal/1. Constant time where the CPU has AES instructions, as every CPU with SGX has. */
export const nodeAes256Gcm: Aead = nodeAead('A256GCM (node:crypto)', 3, 'hardware', 'aes-256-gcm');

/** ChaCha20-Poly1305 (RFC 8439). */
export const nodeChaCha20Poly1305: Aead = nodeAead(
  'ChaCha20/Poly1305 (node:crypto)',
  24,
  'arithmetic',
  'chacha20-poly1305',
);

function nodeAead(name: string, coseAlg: Aead['coseAlg'], sideChannel: Aead['sideChannel'], algorithm: string): Aead {
  // Both algorithms are AEADs of OpenSSL with the interface that @types/node knows for GCM.
  const cipherName = algorithm as CipherGCMTypes;
  return {
    name,
    coseAlg,
    sideChannel,
    seal: (key, nonce, aad, plaintext, into) => {
      const cipher = createCipheriv(cipherName, key, nonce, options);
      cipher.setAAD(aad);
      runThrough(cipher, plaintext, into);
      cipher.final();
      into.set(cipher.getAuthTag(), plaintext.length);
    },
    open: (key, nonce, aad, sealed, into) => {
      const end = sealed.length - aeadLengths.tag;
      if (end < 0) return false;
      const decipher = createDecipheriv(cipherName, key, nonce, options);
      decipher.setAAD(aad);
      decipher.setAuthTag(sealed.subarray(end));
      runThrough(decipher, sealed.subarray(0, end), into);
      try {
        decipher.final();
        return true;
      } catch {
        // The only thing final() reports is a tag that does not fit; nothing decrypted may leave this function.
        into.fill(0);
        return false;
      }
    },
  };
}

/** Runs all of `from` through a cipher, which gives as many bytes as it takes. */
function runThrough(cipher: { update(bytes: Uint8Array): Buffer }, from: Uint8Array, into: Uint8Array): void {
  for (let at = 0; at < from.length; at += pieceBytes) {
    into.set(cipher.update(from.subarray(at, at + pieceBytes)), at);
  }
}
