import type { AnchorEntry, FreshnessAnchor } from './freshness-anchor.ts';
import { describeEntry, freshnessUnknown, rollback, sameEntry } from './rollback.ts';

/**
 * Decides at a start whether a state that the host delivered is the newest: it is the one that the anchor remembers, or
 * the one right after it, written by an enclave that died before it could tell the anchor.
 *
 * @param previous chain of the state before it, 32 bytes, zeros for the first
 * @throws {TeeError} ERR_SEAL_ROLLBACK, ERR_SEAL_FRESHNESS_UNKNOWN
 */
export async function acceptState(
  anchor: FreshnessAnchor,
  namespace: string,
  found: AnchorEntry,
  previous: Uint8Array,
): Promise<void> {
  const known = await anchor.read(namespace);
  if (sameEntry(known, found)) return;
  if (known === null) {
    // A memory of this process alone has seen nothing yet: from here on it stops what is older.
    if (anchor.kind === 'external' && !(found.epoch === 1 && previous.every((byte) => byte === 0))) {
      throw freshnessUnknown(
        'The anchor has never seen this data, which has a history.',
        'Check the namespace of the anchor; to adopt the data as it is, open it without an anchor and save it with one.',
      );
    }
    return anchor.advance(namespace, null, found);
  }
  const isNext = found.epoch === known.epoch + 1 && Buffer.compare(previous, known.chain) === 0;
  if (!isNext) throw rollback('The data is not what was written last.', describeEntry(known), describeEntry(found));
  await anchor.advance(namespace, known, found);
}
