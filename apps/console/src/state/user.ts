import { type UserKey, userKeyFromSeed } from '@neo-service-layer/tee-client';
import { signal } from '@preact/signals';

/** Who signs in; null: nobody. Lives as long as the page. */
export const user = signal<UserKey | null>(null);

// PKCS #8 of an Ed25519 key is this, then the 32 bytes (RFC 8410).
const prefix = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/** Makes a key. @returns it as PEM, for its owner to keep: nobody can replace it */
export async function newUser(userId: string): Promise<string> {
  const seed = crypto.getRandomValues(new Uint8Array(32));
  user.value = await userKeyFromSeed(userId, seed);
  const text = btoa(String.fromCharCode(...prefix, ...seed));
  return `-----BEGIN PRIVATE KEY-----\n${text}\n-----END PRIVATE KEY-----\n`;
}

/** Takes a key as `neo-tee user new-key` writes it. @throws {TypeError} for anything else; says nothing of it */
export async function useKey(userId: string, pem: string): Promise<void> {
  const bytes = Uint8Array.from(atob(pem.replace(/-----[^-]+-----|\s/g, '')), (character) => character.charCodeAt(0));
  if (bytes.length !== prefix.length + 32 || !prefix.every((byte, index) => bytes[index] === byte))
    throw new TypeError('This is no private key of a user (Ed25519, PEM).');
  user.value = await userKeyFromSeed(userId, bytes.slice(prefix.length));
}
