import { type UserKey, userKeyFromSeed } from '@neo-service-layer/tee-client';
import { usage } from '../cli/arguments.ts';
import { privateKeyFile, rawPrivateKey } from '../keyring/key-files.ts';

/**
 * The user of `--user-id ID --user-key PEM`, or undefined without a key: an anonymous caller.
 * @throws {TeeError} ERR_INVALID_ARGUMENT; nothing of the file stands in the message
 */
export async function userKeyOption(
  userId: string | undefined,
  file: string | undefined,
): Promise<UserKey | undefined> {
  if (file === undefined) return undefined;
  if (userId === undefined) throw usage('--user-key wants the --user-id that it signs in.');
  const seed = rawPrivateKey(privateKeyFile('ed25519', file));
  try {
    return await userKeyFromSeed(userId, seed);
  } finally {
    seed.fill(0);
  }
}
