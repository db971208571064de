/** Ed25519 (RFC 8032) with raw keys, through node:crypto. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex'); // PKCS #8 (RFC 8410 §7)
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex'); // SubjectPublicKeyInfo (RFC 8410 §4)

/** A private key from its 32-byte seed. */
export function ed25519FromSeed(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([privatePrefix, seed]), format: 'der', type: 'pkcs8' });
}

/** The 32-byte public key of a private (or public) key. */
export function ed25519PublicKey(key: KeyObject): Uint8Array {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const der = publicKey.export({ format: 'der', type: 'spki' });
  return new Uint8Array(der.subarray(publicPrefix.length));
}

/** Signs. 64 bytes. */
export function ed25519Sign(key: KeyObject, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, message, key));
}

/** True for a signature of this message under this public key; false for anything else, also for a key that is none. */
export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    const key = createPublicKey({ key: Buffer.concat([publicPrefix, publicKey]), format: 'der', type: 'spki' });
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
}
