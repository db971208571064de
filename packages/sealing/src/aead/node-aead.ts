/** AEADs of OpenSSL through node:crypto: AES with the CPU's AES instructions, ChaCha20 without tables. The default. */
import { type CipherGCMTypes, createCipheriv, createDecipheriv } from 'node:crypto';
import { type Aead, aeadLengths } from './aead.ts';

const options = { authTagLength: aeadLengths.tag };

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
      into.set(cipher.update(plaintext), 0);
      cipher.final();
      into.set(cipher.getAuthTag(), plaintext.length);
    },
    open: (key, nonce, aad, sealed, into) => {
      const end = sealed.length - aeadLengths.tag;
      if (end < 0) return false;
      const decipher = createDecipheriv(cipherName, key, nonce, options);
      decipher.setAAD(aad);
      decipher.setAuthTag(sealed.subarray(end));
      const plaintext = decipher.update(sealed.subarray(0, end));
      try {
        decipher.final();
        into.set(plaintext, 0);
        return true;
      } catch {
        // The only thing final() reports is a tag that does not fit; nothing decrypted may leave this function.
        plaintext.fill(0);
        into.fill(0);
        return false;
      }
    },
  };
}
