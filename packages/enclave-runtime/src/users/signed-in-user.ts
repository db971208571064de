import type { Registration, UserQuota } from '@neo-service-layer/tee-interface';

/** A user whose key signed for the session at hand. */
export interface SignedInUser {
  userId: string;
  /** Ed25519, hex. Whatever the user owns is found by it and by nothing else. */
  publicKey: string;
  registered: Registration;
  isAdministrator: boolean;
  quota: UserQuota;
}
