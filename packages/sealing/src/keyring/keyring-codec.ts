/** The plaintext of a saved keyring: canonical CBOR, every key in it. */
import { TeeError } from '@neo-service-layer/tee-interface';
import { type CborValue, decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { decodeKeyringPolicy, encodeKeyringPolicy, type KeyringPolicy } from './keyring-policy.ts';

/** A generation with its key. */
export interface StoredGeneration {
  generation: number;
  created: number;
  state: 'active' | 'decrypt-only' | 'destroyed';
  /** 32 bytes, null once destroyed. */
  key: Uint8Array | null;
}

/** Everything a keyring knows. */
export interface KeyringContent {
  id: Uint8Array;
  epoch: number;
  minIsvSvn: number;
  policy: KeyringPolicy;
  /** 32 bytes from which keys for single purposes are derived. */
  root: Uint8Array;
  /** Ascending, exactly one of them active: the last. */
  generations: StoredGeneration[];
}

const version = 'tee-seal/1 keyring';
const states = ['active', 'decrypt-only', 'destroyed'] as const;

/** Encodes a keyring. */
export function encodeKeyring({ id, epoch, minIsvSvn, policy, root, generations }: KeyringContent): Uint8Array {
  const rows = generations.map(({ generation, created, state, key }) => [generation, created, state, key]);
  return encodeCanonical([version, id, epoch, minIsvSvn, encodeKeyringPolicy(policy), root, rows]);
}

/** Decodes a keyring. @throws {TeeError} ERR_SEAL_FORMAT */
export function decodeKeyring(bytes: Uint8Array): KeyringContent {
  try {
    const value = decodeCanonical(bytes);
    const fields: CborValue[] = Array.isArray(value) && value.length === 7 && value[0] === version ? value : [];
    const [, id, epoch, minIsvSvn, policyValue, root, rows] = fields;
    const policy = decodeKeyringPolicy(policyValue);
    if (!policy || !Array.isArray(rows)) throw new TypeError('not the fields of a keyring');
    const generations = rows.map(decodeGeneration);
    const isAscending = generations.every(
      ({ generation, state }, index) =>
        generation > (generations[index - 1]?.generation ?? 0) &&
        (state === 'active') === (index === generations.length - 1),
    );
    if (!isAscending || generations.length === 0) throw new TypeError('generations out of order');
    return {
      id: readBytes(id, 16),
      epoch: readCount(epoch, 0xffff_ffff),
      minIsvSvn: readCount(minIsvSvn, 0xffff),
      policy,
      root: readBytes(root, 32),
      generations,
    };
  } catch (cause) {
    throw new TeeError('ERR_SEAL_FORMAT', 'The bytes are not a keyring.', { expected: version, cause });
  }
}

function decodeGeneration(row: CborValue): StoredGeneration {
  if (!Array.isArray(row) || row.length !== 4) throw new TypeError('not a generation');
  const state = states.find((known) => known === row[2]);
  if (!state || (state === 'destroyed') !== (row[3] === null)) throw new TypeError('not a state of a generation');
  return {
    generation: readCount(row[0], 0xffff_ffff),
    created: readCount(row[1], Number.MAX_SAFE_INTEGER),
    state,
    key: row[3] === null ? null : readBytes(row[3], 32),
  };
}

function readBytes(value: CborValue | undefined, length: number): Uint8Array {
  if (value instanceof Uint8Array && value.length === length) return Uint8Array.from(value);
  throw new TypeError(`not ${length} bytes`);
}

function readCount(value: CborValue | undefined, most: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most) return value;
  throw new TypeError('not a count');
}
