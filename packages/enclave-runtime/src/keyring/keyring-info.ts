import type { KeyringPolicy } from '@neo-service-layer/sealing';
import { bytesToHex, type KeyringInfo, type KeyringPolicyInfo } from '@neo-service-layer/tee-interface';
import type { Held } from './held-keyring.ts';

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
