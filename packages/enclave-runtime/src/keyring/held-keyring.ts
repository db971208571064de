import type { Keyring } from '@neo-service-layer/sealing';
import { bytesToHex, type KeyringInfo, TeeError } from '@neo-service-layer/tee-interface';

/** Where a keyring came from in this boot. */
type Origin = KeyringInfo['origin'];

/** What an enclave holds: a keyring, or why it has none. */
export type Held = {
  origin: Origin;
  /** Whether the host has a copy. */
  kept: boolean;
  rewrapped: boolean;
  resealNeeded: boolean;
  freshness: KeyringInfo['freshness'];
  /** The host's bytes that could not be opened. */
  unopened?: Uint8Array | null;
} & ({ keyring: Keyring; refusal: null } | { keyring: null; refusal: TeeError });

/** The keyring. @throws {TeeError} why there is none */
export function requireKeyring({ keyring, refusal }: Held): Keyring {
  if (keyring !== null) return keyring;
  throw refusal;
}

/** Refuses a keyring that is held already. @throws {TeeError} ERR_SEAL_CONFLICT */
export function requireOther({ keyring }: Held, offered: Keyring): void {
  if (keyring === null || Buffer.compare(keyring.id, offered.id) !== 0) return;
  throw new TeeError('ERR_SEAL_CONFLICT', 'The enclave has this keyring already.', {
    actual: `keyring ${bytesToHex(keyring.id)}, up to generation ${keyring.activeGeneration}`,
    hint: 'Nothing is left to do. A second copy could lack generations that sealed data since.',
  });
}

/** What is held once a keyring was opened, made or taken. */
export function fresh<Part extends Pick<Held, 'keyring' | 'kept' | 'refusal'>>(origin: Origin, part: Part) {
  return { ...part, origin, freshness: 'none' as const, rewrapped: false, resealNeeded: false };
}
