import { TeeError } from '@neo-service-layer/tee-interface';
import { maxSealBytes } from '../blob/blob-sealer.ts';
import { nameMismatch } from '../blob/refusal.ts';
import { publicSha256 } from '../crypto/digest.ts';
import { rollback } from '../freshness/rollback.ts';
import type { BlobChange, HostBlobStore } from './host-blob-store.ts';
import type { IndexChange, IndexEntry } from './index-page.ts';
import type { RecordCipher } from './record-cipher.ts';
import type { StoreNames } from './store-names.ts';
import type { StoreChange } from './stored-value.ts';
import { decodePlaintext, encodePlaintext, type Padding } from './value-plaintext.ts';

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
  readonly #cipher: RecordCipher;
  readonly #names: StoreNames;
  readonly #padding: Padding;

  constructor(host: HostBlobStore, cipher: RecordCipher, names: StoreNames, padding: Padding) {
    this.#host = host;
    this.#cipher = cipher;
    this.#names = names;
    this.#padding = padding;
  }

  /**
   * The values of entries; null where there is no entry.
   * @throws {TeeError} ERR_SEAL_ROLLBACK for a value that is not the one of its entry, and the refusals of a blob
   */
  async open(entries: readonly (IndexEntry | null)[]): Promise<(OpenedValue | null)[]> {
    const keys: string[] = [];
    for (const entry of entries) if (entry) keys.push(this.#names.valueKey(entry.id, entry.version));
    const records = keys.length === 0 ? [] : await this.#host.getMany(keys);
    let at = 0;
    return entries.map((entry) => {
      if (entry === null) return null;
      const record = records[at] ?? null;
      at += 1;
      return this.#open(entry, record);
    });
  }

  /** What a commit writes for its changes, and what it changes in the index; of several for one name, the last. */
  seal(changes: readonly StoreChange[], epoch: number): { writes: BlobChange[]; index: IndexChange[] } {
    const writes: BlobChange[] = [];
    const index: IndexChange[] = [];
    for (const [name, value] of new Map(changes.map((change) => [change.name, change.value]))) {
      const id = this.#names.id(name);
      if (value === null) {
        index.push({ id, entry: null });
        continue;
      }
      const plaintext = encodePlaintext(name, value, this.#padding);
      requireSize(plaintext);
      const record = this.#cipher.seal(id, epoch, plaintext);
      writes.push({ key: this.#names.valueKey(id, epoch), value: record });
      index.push({ id, entry: { id, version: epoch, tag: tagOf(record) } });
    }
    return { writes, index };
  }

  /** What a commit deletes: the values of entries that it replaced or removed. */
  drop(entries: readonly IndexEntry[]): BlobChange[] {
    return entries.map(({ id, version }) => ({ key: this.#names.valueKey(id, version), value: null }));
  }

  #open(entry: IndexEntry, record: Uint8Array | null): OpenedValue {
    const { id: wanted, version } = entry;
    if (!record) throw rollback('A value is missing.', `version ${version}`, 'nothing');
    // A record that is not the expected one is opened all the same, to say what it is instead.
    const { id, epoch, plaintext, resealNeeded } = this.#cipher.open(record);
    if (Buffer.compare(id, wanted) !== 0) throw nameMismatch(`entry ${toHex(wanted)}`, `entry ${toHex(id)}`);
    if (epoch !== version || Buffer.compare(tagOf(record), entry.tag) !== 0) {
      throw rollback('A value is not the one that was written last.', `version ${version}`, `version ${epoch}`);
    }
    return { ...decodePlaintext(plaintext), version, resealNeeded };
  }
}

function requireSize(plaintext: Uint8Array): void {
  if (plaintext.length <= maxSealBytes) return;
  throw new TeeError('ERR_SEAL_TOO_LARGE', 'The value is too large for a store.', {
    expected: `at most ${maxSealBytes} bytes`,
    actual: `${plaintext.length} bytes with its name`,
    hint: 'Seal it as a stream, and keep its place in the store.',
  });
}

function tagOf(record: Uint8Array): Uint8Array {
  return publicSha256(record).subarray(0, 16);
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
