import { encodeCanonical } from './cbor.ts';

/**
 * What a user signs (Ed25519) to sign in: canonical CBOR of `["tee-user/1 sign-in", binding, userId, publicKey]`. The
 * binding belongs to one session of one client and one enclave, so a sign-in is of no use anywhere else.
 *
 * @param binding 32 bytes, see `SessionHandle` of tee-channel
 */
export function signInMessage(binding: Uint8Array, userId: string, publicKey: Uint8Array): Uint8Array {
  return encodeCanonical(['tee-user/1 sign-in', binding, userId, publicKey]);
}
