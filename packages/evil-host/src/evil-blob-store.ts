import type { BlobChange, HostBlobStore } from '@neo-service-layer/sealing';

/** Everything that lay in a store at one time. */
export type BlobSnapshot = ReadonlyMap<string, Uint8Array>;

/**
 * A blob store in memory that misbehaves on command: rolls back, forks, swaps, loses and changes what it holds. Honest
 * until told otherwise.
 */
export class EvilBlobStore implements HostBlobStore {
  #blobs = new Map<string, Uint8Array>();
  #isDeaf = false;

  constructor(snapshot: BlobSnapshot = new Map()) {
    this.#blobs = new Map(snapshot);
  }

  async getMany(keys: readonly string[]): Promise<(Uint8Array | null)[]> {
    return keys.map((key) => this.#blobs.get(key)?.slice() ?? null);
  }

  async write(changes: readonly BlobChange[]): Promise<void> {
    if (this.#isDeaf) return;
    for (const { key, value } of changes) {
      if (value === null) this.#blobs.delete(key);
      else this.#blobs.set(key, value.slice());
    }
  }

  /** The keys, which are all a host can tell blobs apart by. */
  get keys(): string[] {
    return [...this.#blobs.keys()];
  }

  /** What lies here now. */
  snapshot(): BlobSnapshot {
    return new Map(this.#blobs);
  }

  /** Puts an earlier state in the place of the present one. */
  rollBack(to: BlobSnapshot): void {
    this.#blobs = new Map(to);
  }

  /** A second store that goes on from here, for a second instance of the enclave. */
  fork(): EvilBlobStore {
    return new EvilBlobStore(this.#blobs);
  }

  /** Says yes to writes and does nothing. */
  loseWrites(): void {
    this.#isDeaf = true;
  }

  /** Exchanges two blobs. */
  swap(one: string, other: string): void {
    const [first, second] = [this.#blobs.get(one), this.#blobs.get(other)];
    if (first === undefined || second === undefined) throw new RangeError('there are no such two blobs');
    this.#blobs.set(one, second);
    this.#blobs.set(other, first);
  }

  /** Changes one blob. */
  tamper(key: string, to: (blob: Uint8Array) => Uint8Array): void {
    const blob = this.#blobs.get(key);
    if (blob === undefined) throw new RangeError('there is no such blob');
    this.#blobs.set(key, to(blob.slice()));
  }
}
