import { type UserKey, userKeyFromSeed } from '@neo-service-layer/tee-client';
import { signal } from '@preact/signals';
import { keyFile, seedOf } from './key-file.ts';

/** Who signs in; null: nobody. Lives as long as the page. */
export const user = signal<UserKey | null>(null);

/** Makes a key. @returns it as PEM, for its owner to keep: nobody can replace it */
export async function newUser(userId: string): Promise<string> {
  const seed = crypto.getRandomValues(new Uint8Array(32));
  user.value = await userKeyFromSeed(userId, seed);
  return keyFile(seed);
}

/** Takes a key as `neo-tee user new-key` writes it. @throws {TypeError} for anything else; says nothing of it */
export async function useKey(userId: string, pem: string): Promise<void> {
  user.value = await userKeyFromSeed(userId, seedOf(pem));
}
