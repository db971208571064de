import type { FreshnessAnchor } from '../freshness/freshness-anchor.ts';
import { olderThanReceipt, readReceipt } from '../freshness/receipt.ts';
import { describeEntry, freshnessUnknown, rollback, sameEntry } from '../freshness/rollback.ts';
import { sha256 } from '../keys/key-schedule.ts';
import type { HostBlobStore } from './host-blob-store.ts';
import type { StoreNames } from './store-names.ts';
import { decodeState, entryOf, type StoreState } from './store-state.ts';
import type { Freshness, ReadOptions } from './stored-value.ts';

/** What freshness is judged by. */
export interface FreshnessSources {
  host: HostBlobStore;
  anchor: FreshnessAnchor;
  names: StoreNames;
  /** Key of the receipts, 32 bytes. */
  receiptKey: Uint8Array;
}

/**
 * How fresh a state is for this read: never more than was asked for and found out.
 * @throws {TeeError} ERR_SEAL_ROLLBACK for a state that the anchor or the client knows better than,
 *   ERR_SEAL_FRESHNESS_UNKNOWN, ERR_SEAL_FORMAT for a receipt of somebody else's
 */
export async function freshnessOf(
  state: StoreState,
  { receipt, confirm }: ReadOptions,
  sources: FreshnessSources,
): Promise<Freshness> {
  const { anchor, names, receiptKey } = sources;
  let freshness: Freshness = 'process';
  if (receipt !== undefined) {
    await requireSuccessor(state, readReceipt(receiptKey, names.prefix, receipt), sources);
    freshness = 'client';
  }
  if (confirm === true) {
    const [known, ours] = [await anchor.read(names.prefix), entryOf(state)];
    if (!sameEntry(known, ours)) throw rollback('There is another state.', describeEntry(known), describeEntry(ours));
    if (anchor.kind === 'external') freshness = 'external';
  }
  return freshness;
}

/** Walks the chain of states back to the one that a client has seen. */
async function requireSuccessor(
  state: StoreState,
  seen: { epoch: number; chain: Uint8Array },
  { host, names }: FreshnessSources,
): Promise<void> {
  if (seen.epoch > state.epoch) throw olderThanReceipt(seen, state.epoch);
  let link = entryOf(state);
  while (link && link.epoch > seen.epoch) {
    const [bytes] = await host.getMany([names.historyKey(link.epoch)]);
    if (!bytes || Buffer.compare(sha256(bytes), link.chain) !== 0) {
      throw freshnessUnknown(
        'The history back to the receipt is not there.',
        'Read without it, and keep the new receipt.',
      );
    }
    link = { epoch: link.epoch - 1, chain: decodeState(bytes).previous };
  }
  if (!sameEntry(link, seen)) throw olderThanReceipt(seen, state.epoch);
}
