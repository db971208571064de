import type { BlobSealer } from '../blob/blob-sealer.ts';
import { rollback } from '../freshness/rollback.ts';
import { sha256 } from '../keys/key-schedule.ts';
import type { BlobChange, HostBlobStore } from './host-blob-store.ts';
import type { IndexEntry } from './index-page.ts';
import type { IndexChange } from './index-tree.ts';
import { decodeRecord, encodeRecord, type Padding } from './record.ts';
import type { StoreNames } from './store-names.ts';
import type { StoreChange } from './stored-value.ts';

/** A value as it was opened; how fresh it is, is not said yet. */
export interface OpenedValue {
  name: string;
  value: Uint8Array;
  version: number;
  resealNeeded: boolean;
}

/** Seals values for the host, and opens those that the index commits to. */
export class SealedValues {
  readonly #host: HostBlobStore;
  readonly #sealer: BlobSealer;
  readonly #names: StoreNames;
  readonly #padding: Padding;

  constructor(host: HostBlobStore, sealer: BlobSealer, names: StoreNames, padding: Padding) {
    this.#host = host;
    this.#sealer = sealer;
    this.#names = names;
    this.#padding = padding;
  }

  /**
   * The values of entries; null where there is no entry.
   * @throws {TeeError} ERR_SEAL_ROLLBACK for a value that is not the one of its entry, and the refusals of a blob
   */
  async open(entries: readonly (IndexEntry | null)[]): Promise<(OpenedValue | null)[]> {
    const wanted = entries.flatMap((entry) => (entry ? [entry] : []));
    const blobs = await this.#host.getMany(wanted.map(({ id }) => this.#names.valueKey(id)));
    const found = new Map(wanted.map((entry, index) => [entry, blobs[index] ?? null]));
    return Promise.all(entries.map((entry) => (entry ? this.#open(entry, found.get(entry) ?? null) : null)));
  }

  /** What a commit writes for its changes, and what it changes in the index; of several for one name, the last. */
  async seal(changes: readonly StoreChange[], epoch: number): Promise<{ writes: BlobChange[]; index: IndexChange[] }> {
    const writes: BlobChange[] = [];
    const index: IndexChange[] = [];
    for (const [name, value] of new Map(changes.map((change) => [change.name, change.value]))) {
      const id = this.#names.id(name);
      const binding = { name: this.#names.blobName(id), epoch };
      const blob = value && (await this.#sealer.seal(encodeRecord(name, value, this.#padding), binding));
      writes.push({ key: this.#names.valueKey(id), value: blob });
      index.push({ id, entry: blob && { id, version: epoch, tag: tagOf(blob) } });
    }
    return { writes, index };
  }

  async #open(entry: IndexEntry, blob: Uint8Array | null): Promise<OpenedValue> {
    if (!blob) throw rollback('A value is missing.', `version ${entry.version}`, 'nothing');
    const isExpected = Buffer.compare(tagOf(blob), entry.tag) === 0;
    // A blob that is not the expected one is opened all the same, to say what it is instead.
    const { data, epoch, resealNeeded } = await this.#sealer.open(blob, { name: this.#names.blobName(entry.id) });
    if (!isExpected || epoch !== entry.version) {
      throw rollback('A value is not the one that was written last.', `version ${entry.version}`, `version ${epoch}`);
    }
    return { ...decodeRecord(data), version: entry.version, resealNeeded };
  }
}

function tagOf(blob: Uint8Array): Uint8Array {
  return sha256(blob).subarray(0, 16);
}
