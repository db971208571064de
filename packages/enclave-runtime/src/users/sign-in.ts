import { verifyIdentitySignature } from '@neo-service-layer/tee-channel';
import { bytesToHex, type SignInRequest, signInMessage, TeeError } from '@neo-service-layer/tee-interface';
import type { SignedInUser } from './signed-in-user.ts';
import type { UserDirectory, UserRecord } from './user-directory.ts';
import { userIdOfToken } from './user-token.ts';
import type { UsersConfiguration } from './users-configuration.ts';

/** What sign-ins are judged by. */
export interface SignInRules {
  configuration: UsersConfiguration;
  directory: UserDirectory;
  /** Unix seconds; set by the host, used for nothing but the times of tokens. */
  now: () => number;
}

/**
 * Judges a sign-in.
 *
 * Guarantees: whoever made it holds the private key and made it for this session; the user id is bound to that key, by
 * whatever way the measured configuration allows.
 *
 * @param binding of the session that carried it
 * @throws {TeeError} ERR_USER_SIGN_IN, ERR_USER_UNKNOWN, ERR_BUSY
 */
export async function judgeSignIn(
  request: SignInRequest,
  binding: Uint8Array,
  rules: SignInRules,
): Promise<SignedInUser> {
  const { userId, publicKey, signature } = request;
  const message = signInMessage(binding, userId, publicKey);
  // Before anything is looked up: who has no key learns nothing, not even whether a user exists.
  if (!(await verifyIdentitySignature(publicKey, message, signature))) {
    throw new TeeError('ERR_USER_SIGN_IN', 'The signature of the sign-in is not right.', {
      expected: 'an Ed25519 signature of the public key over the binding of this session',
      hint: 'A sign-in is good for the session that it was made for, and for no other.',
    });
  }
  const { configuration } = rules;
  const key = bytesToHex(publicKey);
  const record = await recordOf(request, key, rules);
  if (record.publicKey !== key) {
    throw new TeeError('ERR_USER_SIGN_IN', 'The user id belongs to another key.', {
      hint: 'Sign in with the key that the id was registered with, or under another id.',
    });
  }
  return {
    userId,
    publicKey: key,
    registered: record.registered,
    isAdministrator: configuration.administrators.includes(key),
    quota: record.quota ?? configuration.quota,
  };
}

async function recordOf(
  { userId, publicKey, token }: SignInRequest,
  key: string,
  { configuration, directory, now }: SignInRules,
): Promise<UserRecord> {
  const known = await directory.find(userId);
  if (known !== null) return known;
  const record = { userId, publicKey: key, quota: null };
  if (token !== undefined) {
    const named = await userIdOfToken(token, publicKey, configuration.issuers, now());
    if (named !== userId) throw new TeeError('ERR_USER_SIGN_IN', 'The token is for another user id.');
    return directory.add({ ...record, registered: 'token' });
  }
  if (configuration.administrators.includes(key)) return directory.add({ ...record, registered: 'administrator' });
  const isReserved = configuration.issuers.some(({ userIdPrefix }) => userId.startsWith(userIdPrefix));
  if (!configuration.allowFirstUse || isReserved) {
    throw new TeeError('ERR_USER_UNKNOWN', 'No user of that id is registered here.', {
      expected: isReserved ? 'a token of the issuer whose ids begin so' : 'a registered user',
      hint: 'Ask an administrator of the enclave to register the id with your public key.',
    });
  }
  return directory.add({ ...record, registered: 'first-use' });
}
