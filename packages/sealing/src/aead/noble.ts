/**
 * AEADs in plain JavaScript, from @noble/ciphers: for browsers, as a fallback, and as an independent implementation to
 * test against. A face of its own (`@neo-service-layer/sealing/noble`), so that no enclave bundles it unasked.
 */
import { gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { type Aead, aeadLengths } from './aead.ts';

/** AES-256-GCM. Table based, as its own documentation says: refused unless the caller says allowTableAes. */
export const nobleAes256Gcm: Aead = nobleAead('A256GCM (@noble/ciphers)', 3, 'table', gcm);

/** ChaCha20-Poly1305 (RFC 8439): additions, rotations and XOR only, no tables. */
export const nobleChaCha20Poly1305: Aead = nobleAead(
  'ChaCha20/Poly1305 (@noble/ciphers)',
  24,
  'arithmetic',
  chacha20poly1305,
);

interface NobleCipher {
  encrypt(plaintext: Uint8Array): Uint8Array;
  decrypt(sealed: Uint8Array): Uint8Array;
}

function nobleAead(
  name: string,
  coseAlg: Aead['coseAlg'],
  sideChannel: Aead['sideChannel'],
  cipher: (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array) => NobleCipher,
): Aead {
  return {
    name,
    coseAlg,
    sideChannel,
    seal: (key, nonce, aad, plaintext, into) => into.set(cipher(key, nonce, aad).encrypt(plaintext), 0),
    open: (key, nonce, aad, sealed, into) => {
      if (sealed.length < aeadLengths.tag) return false;
      try {
        into.set(cipher(key, nonce, aad).decrypt(sealed), 0);
        return true;
      } catch {
        into.fill(0);
        return false;
      }
    },
  };
}
