/** The one record that a store's index hangs on: sealed, counted, and chained to the one before it. */
import { TeeError } from '@neo-service-layer/tee-interface';
import { type CborValue, decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { malformed } from '../format/header.ts';
import type { AnchorEntry } from '../freshness/freshness-anchor.ts';
import { sha256 } from '../keys/key-schedule.ts';
import { noPage } from './index-page.ts';

/** State of a store. */
export interface StoreState {
  /** Number of commits. */
  epoch: number;
  /** Entries. */
  count: number;
  /** Root of the index, 32 bytes. */
  root: Uint8Array;
  /** Chain of the state before, 32 bytes, zeros for the first. */
  previous: Uint8Array;
}

/** A store that was never written. */
export const emptyState: StoreState = { epoch: 0, count: 0, root: noPage, previous: new Uint8Array(32) };

const version = 'tee-seal/1 store';

/** Encodes a state. Its hash is its link of the chain. */
export function encodeState({ epoch, count, root, previous }: StoreState): Uint8Array {
  return encodeCanonical([version, epoch, count, root, previous]);
}

/** Decodes a state. @throws {TeeError} ERR_SEAL_FORMAT */
export function decodeState(bytes: Uint8Array): StoreState {
  let fields: CborValue;
  try {
    fields = decodeCanonical(bytes);
  } catch (cause) {
    throw malformed('the state of the store', 'canonical CBOR', cause);
  }
  if (!Array.isArray(fields) || fields.length !== 5 || fields[0] !== version) throw malformed('the state', version);
  const [, epoch, count, root, previous] = fields;
  const isHash = (value: CborValue | undefined): value is Uint8Array =>
    value instanceof Uint8Array && value.length === 32;
  if (typeof epoch !== 'number' || typeof count !== 'number' || !isHash(root) || !isHash(previous)) {
    throw malformed('the state', 'counts and hashes');
  }
  return { epoch, count, root: Uint8Array.from(root), previous: Uint8Array.from(previous) };
}

/** The number of the commit after this state. @throws {TeeError} ERR_SEAL_TOO_LARGE after 2^32-1 of them (docs/tee-seal.md §9) */
export function nextEpoch({ epoch }: StoreState): number {
  if (epoch < 0xffff_ffff) return epoch + 1;
  throw new TeeError('ERR_SEAL_TOO_LARGE', 'The store has had all the commits that its format can count.', {
    expected: 'at most 2^32-1 commits',
    hint: 'Copy its entries into a store of another namespace.',
  });
}

/** What an anchor remembers of a state: null for a store that was never written. */
export function entryOf(state: StoreState): AnchorEntry | null {
  return state.epoch === 0 ? null : { epoch: state.epoch, chain: sha256(encodeState(state)) };
}
