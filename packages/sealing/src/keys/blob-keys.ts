import type { DeviceRecipient, KeyringRecipient, SealHeader } from '../format/header.ts';

/** A key to seal with, and what the header says about it. */
export interface SealingKey {
  /** 32 bytes. Never encrypts anything itself: each blob's own key is derived from it. */
  secret: Uint8Array;
  recipient: DeviceRecipient | KeyringRecipient;
}

/** The key that a blob was sealed with. */
export interface OpeningKey {
  secret: Uint8Array;
  /** True when new data would be sealed under a newer key or security version: seal this again. */
  resealNeeded: boolean;
}

/** Where the keys of blobs come from: the CPU (`DeviceKeys`) or a keyring (`Keyring`). */
export interface BlobKeys {
  forSealing(): Promise<SealingKey>;
  /**
   * Finds the key that a header asks for.
   * @throws {TeeError} ERR_SEAL_KEY_MISMATCH, ERR_SEAL_SVN_TOO_NEW, ERR_SEAL_SVN_BELOW_FLOOR,
   *   ERR_SEAL_GENERATION_DESTROYED: why there is none, as exactly as an unauthenticated header allows
   */
  forOpening(header: SealHeader): Promise<OpeningKey>;
}
