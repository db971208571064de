import { isTeeError, TeeError } from '@neo-service-layer/tee-interface';
import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import type { SignedInUser } from './signed-in-user.ts';

/**
 * What blobs of a user are bound to beside their name (as AAD, so it stands nowhere in them): only the key that they
 * were sealed for has them opened. Blobs of anonymous callers are bound to nobody, and no signed-in user opens them.
 */
export function ownSealing(user: SignedInUser | null): Uint8Array | undefined {
  return user === null ? undefined : encodeCanonical(['tee-user/1 sealed', user.publicKey]);
}

/** Whose a blob is stands nowhere in it, so that of another user cannot be told from one that was changed: says so. */
export function rejectWithOwner(error: unknown): never {
  if (!isTeeError(error) || error.code !== 'ERR_SEAL_TAMPERED') throw error;
  const { code, message, ...info } = error.toJSON();
  throw new TeeError(code, message, {
    ...info,
    hint: 'The bytes were changed, or sealed by another user (or before anybody signed in): sign in as that user.',
    cause: error,
  });
}
