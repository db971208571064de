import { type ChannelInitiator, generateSigningKey, importSigningKey } from '@neo-service-layer/tee-channel';
import { encodeCall, signIn, signInMessage, type UserInfo } from '@neo-service-layer/tee-interface';
import { parseAnswer } from './parse-answer.ts';

/** A user as a client acts for it: the id, and a key that proves it. */
export interface UserKey {
  userId: string;
  /** Ed25519, 32 bytes. */
  publicKey: Uint8Array;
  /** Ed25519 over the bytes: 64 bytes. May ask a wallet or a token. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
  /** Gives a JWT when the enclave registers users by tokens of an issuer; asked at each sign-in. */
  token?(): Promise<string>;
}

/**
 * The user key of a seed (32 bytes): keep the seed as you keep a private key. Whatever the user has in an enclave belongs
 * to this key.
 * @throws {TeeError} ERR_INVALID_ARGUMENT
 */
export async function userKeyFromSeed(userId: string, seed: Uint8Array): Promise<UserKey> {
  return withId(userId, await importSigningKey(seed));
}

/** A new user key that cannot be kept: what it stores in an enclave is lost to everybody when it is forgotten. */
export async function ephemeralUserKey(userId: string): Promise<UserKey> {
  return withId(userId, await generateSigningKey());
}

/**
 * Signs a user in to the session of a channel.
 * @throws {TeeError} ERR_USER_SIGN_IN, ERR_USER_UNKNOWN, and what the channel throws
 */
export async function signInTo(channel: ChannelInitiator, user: UserKey): Promise<UserInfo> {
  const { userId, publicKey } = user;
  const signature = await user.sign(signInMessage(await channel.binding(), userId, publicKey));
  const token = await user.token?.();
  const request = { userId, publicKey, signature, ...(token === undefined ? {} : { token }) };
  return parseAnswer('signIn', signIn.output, await channel.call(encodeCall('signIn', request)));
}

function withId(userId: string, key: Pick<UserKey, 'publicKey' | 'sign'>): UserKey {
  return { userId, publicKey: key.publicKey, sign: (bytes) => key.sign(bytes) };
}
