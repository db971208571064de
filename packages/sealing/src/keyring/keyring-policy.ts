import { TeeError } from '@neo-service-layer/tee-interface';
import type { CborValue } from '@neo-service-layer/tee-interface/cbor';
import type { SealPolicy } from '../keys/key-source.ts';

/**
 * Who may use a keyring.
 * - `enclave`: this image on this CPU, and nobody else, ever: it is never handed over.
 * - `signer`: every enclave of the same signer on this CPU. The signer can read everything.
 * - `grant`: this image on this CPU, and those that enough of the named approvers sign for.
 */
export type KeyringPolicy =
  | { kind: 'enclave' }
  | { kind: 'signer' }
  | {
      kind: 'grant';
      /** Ed25519 public keys, 32 bytes each, all different. */
      approvers: readonly Uint8Array[];
      /** How many of them must sign. */
      threshold: number;
    };

/** Refuses a policy that means nothing. @throws {TeeError} ERR_INVALID_ARGUMENT */
export function requireKeyringPolicy(policy: KeyringPolicy): void {
  if (policy.kind !== 'grant') return;
  const { approvers, threshold } = policy;
  const distinct = new Set(approvers.map((key) => Buffer.from(key).toString('hex')));
  const isSane =
    approvers.length <= 32 &&
    distinct.size === approvers.length &&
    approvers.every(({ length }) => length === 32) &&
    Number.isInteger(threshold) &&
    threshold >= 1 &&
    threshold <= approvers.length;
  if (isSane) return;
  throw new TeeError(
    'ERR_INVALID_ARGUMENT',
    'A grant policy names 1 to 32 different Ed25519 keys and how many must sign.',
    {
      expected: 'keys of 32 bytes, a threshold from 1 to their number',
      actual: `${approvers.length} keys, ${distinct.size} different, threshold ${threshold}`,
    },
  );
}

/** What a keyring of this policy is wrapped to when it is saved. */
export function wrapOf({ kind }: KeyringPolicy): SealPolicy {
  return kind === 'signer' ? 'signer' : 'enclave';
}

/**
 * Refuses a saved keyring that is not wrapped as its policy demands. Whoever can wrap can write what is in it, the
 * policy included: every enclave of the signer could plant a keyring wrapped to `signer` that calls itself `enclave`.
 * @param wrap what the blob that was just opened is sealed to, null for no key of a CPU
 * @throws {TeeError} ERR_SEAL_KEYRING_POLICY
 */
export function requireWrap(policy: KeyringPolicy, wrap: SealPolicy | null): void {
  const expected = wrapOf(policy);
  if (wrap === expected) return;
  throw new TeeError('ERR_SEAL_KEYRING_POLICY', 'The keyring is not wrapped as its own policy demands.', {
    expected: `wrapped to ${expected}, as the policy "${policy.kind}" demands`,
    actual: wrap === null ? 'wrapped under no key of a CPU' : `wrapped to ${wrap}`,
    hint: 'Another enclave of the same signer may have planted it: restore the file from a copy.',
  });
}

/** Refuses a keyring of another policy than the one demanded. @throws {TeeError} ERR_SEAL_KEYRING_POLICY */
export function requirePolicyKind(policy: KeyringPolicy, demanded: KeyringPolicy['kind']): void {
  if (policy.kind === demanded) return;
  throw new TeeError('ERR_SEAL_KEYRING_POLICY', 'The keyring is of another policy than this enclave demands.', {
    expected: demanded,
    actual: policy.kind,
    hint: 'Check the configuration of the enclave; if it is right, somebody has put another keyring there.',
  });
}

/** The policy as it stands in a keyring. */
export function encodeKeyringPolicy(policy: KeyringPolicy): CborValue {
  return policy.kind === 'grant' ? [policy.kind, [...policy.approvers], policy.threshold] : [policy.kind];
}

/** Reads a policy, or null when it is none. */
export function decodeKeyringPolicy(value: CborValue | undefined): KeyringPolicy | null {
  if (!Array.isArray(value)) return null;
  const [kind, approvers, threshold] = value;
  if (value.length === 1 && (kind === 'enclave' || kind === 'signer')) return { kind };
  if (kind !== 'grant' || !Array.isArray(approvers) || typeof threshold !== 'number') return null;
  const keys = approvers.flatMap((key) => (key instanceof Uint8Array ? [Uint8Array.from(key)] : []));
  const policy: KeyringPolicy = { kind, approvers: keys, threshold };
  if (keys.length !== approvers.length) return null;
  requireKeyringPolicy(policy);
  return policy;
}
