import type { Keyring, KeyringPolicy } from '@neo-service-layer/sealing';
import { bytesToHex, type KeyringInfo, type KeyringPolicyInfo, type TeeError } from '@neo-service-layer/tee-interface';

/** Where a keyring came from in this boot. */
export type Origin = KeyringInfo['origin'];

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

/** What may be told about it: everything but keys. */
export function describeKeyring(held: Held): KeyringInfo {
  const { origin, kept, rewrapped, resealNeeded, freshness, keyring, refusal } = held;
  return {
    origin,
    kept,
    id: keyring && bytesToHex(keyring.id),
    policy: keyring && describePolicy(keyring.policy),
    generation: keyring?.activeGeneration ?? null,
    generations: keyring?.generations ?? [],
    epoch: keyring?.epoch ?? null,
    rewrapped,
    resealNeeded,
    freshness,
    refusal: refusal && { code: refusal.code, message: refusal.message },
  };
}

function describePolicy(policy: KeyringPolicy): KeyringPolicyInfo {
  if (policy.kind !== 'grant') return { kind: policy.kind, approvers: [], threshold: 0 };
  return { kind: 'grant', approvers: policy.approvers.map(bytesToHex), threshold: policy.threshold };
}
