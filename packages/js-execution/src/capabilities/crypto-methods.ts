import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { type CapabilityMethod, GuestFault } from './capability.ts';
import { bytesOf, choiceOf, lengthOf } from './crypto-arguments.ts';
import { publicKey, signData, verifyData } from './crypto-signatures.ts';

const hashes = ['sha256', 'sha384', 'sha512'] as const;
const tagLength = 16;

const base64 = (bytes: Uint8Array | ArrayBuffer): string => Buffer.from(bytes as Uint8Array).toString('base64');

/**
 * `crypto` of the guest: SHA-2, HMAC, HKDF (RFC 5869), AES-256-GCM with the tag behind the ciphertext, signatures over
 * Ed25519 (RFC 8032) and secp256k1 (ECDSA over SHA-256, 64 bytes r ‖ s, low s), random bytes. Bytes are base64.
 * The prices are gas for about the time each takes, so that gas bounds native work too.
 */
export const cryptoMethods: Readonly<Record<string, CapabilityMethod>> = {
  'crypto.hash': {
    price: 2_000,
    pricePer64: 40,
    run: ({ algorithm, data }) =>
      base64(
        createHash(choiceOf('algorithm', algorithm, hashes))
          .update(bytesOf('data', data))
          .digest(),
      ),
  },
  'crypto.hmac': {
    price: 3_000,
    pricePer64: 40,
    run: ({ algorithm, key, data }) =>
      base64(
        createHmac(choiceOf('algorithm', algorithm, hashes), bytesOf('key', key))
          .update(bytesOf('data', data))
          .digest(),
      ),
  },
  'crypto.hkdf': {
    price: 6_000,
    pricePer64: 40,
    run: ({ algorithm, key, salt, info, length }) => {
      const hash = choiceOf('algorithm', algorithm, hashes);
      const size = lengthOf('length', length, 1, 8_160);
      return base64(hkdfSync(hash, bytesOf('key', key), bytesOf('salt', salt), bytesOf('info', info, 0, 1024), size));
    },
  },
  'crypto.encrypt': {
    price: 4_000,
    pricePer64: 20,
    run: ({ key, nonce, data, additional }) => {
      const cipher = createCipheriv('aes-256-gcm', bytesOf('key', key, 32, 32), bytesOf('nonce', nonce, 12, 12));
      cipher.setAAD(bytesOf('additional', additional));
      return base64(Buffer.concat([cipher.update(bytesOf('data', data)), cipher.final(), cipher.getAuthTag()]));
    },
  },
  'crypto.decrypt': {
    price: 4_000,
    pricePer64: 20,
    run: ({ key, nonce, data, additional }) => {
      const sealed = bytesOf('data', data, tagLength);
      const options = { authTagLength: tagLength };
      const cipher = createDecipheriv(
        'aes-256-gcm',
        bytesOf('key', key, 32, 32),
        bytesOf('nonce', nonce, 12, 12),
        options,
      );
      cipher.setAAD(bytesOf('additional', additional));
      cipher.setAuthTag(sealed.subarray(-tagLength));
      const opened = cipher.update(sealed.subarray(0, -tagLength));
      try {
        return base64(Buffer.concat([opened, cipher.final()]));
      } catch {
        throw new GuestFault('Error', 'decryption failed: wrong key or nonce, or changed data');
      }
    },
  },
  'crypto.publicKey': {
    price: 60_000,
    pricePer64: 0,
    run: ({ curve, key }) => base64(publicKey(curve, bytesOf('key', key, 32, 32))),
  },
  'crypto.sign': {
    price: 80_000,
    pricePer64: 40,
    run: ({ curve, key, data }) => base64(signData(curve, bytesOf('key', key, 32, 32), bytesOf('data', data))),
  },
  'crypto.verify': {
    price: 80_000,
    pricePer64: 40,
    run: ({ curve, key, signature, data }) =>
      verifyData(curve, bytesOf('key', key, 32, 65), bytesOf('signature', signature, 64, 64), bytesOf('data', data)),
  },
  'crypto.randomBytes': {
    price: 5_000,
    pricePer64: 0,
    run: ({ length }) => base64(randomBytes(lengthOf('length', length, 0, 65_536))),
  },
};
