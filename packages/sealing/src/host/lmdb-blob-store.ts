import { open, type RootDatabase } from 'lmdb';
import type { BlobChange, HostBlobStore } from '../store/host-blob-store.ts';

/**
 * Sealed bytes in LMDB: a memory-mapped B+ tree whose transactions are atomic and durable. The default store of a host.
 *
 * Runs on the host; needs the package `lmdb` beside this one.
 */
export class LmdbBlobStore implements HostBlobStore {
  readonly #blobs: RootDatabase<Buffer, string>;

  private constructor(blobs: RootDatabase<Buffer, string>) {
    this.#blobs = blobs;
  }

  /** Opens the database in a folder, which is made if need be. */
  static open(folder: string): LmdbBlobStore {
    // Without overlappingSync a transaction is on the disk when its promise resolves.
    return new LmdbBlobStore(open<Buffer, string>({ path: folder, encoding: 'binary', overlappingSync: false }));
  }

  async getMany(keys: readonly string[]): Promise<(Uint8Array | null)[]> {
    return keys.map((key) => this.#blobs.get(key) ?? null);
  }

  async write(changes: readonly BlobChange[]): Promise<void> {
    // A batch is one transaction, made and committed on a thread of its own.
    const isWritten = await this.#blobs.batch(() => {
      for (const { key, value } of changes) {
        if (value) this.#blobs.put(key, Buffer.from(value.buffer, value.byteOffset, value.length));
        else this.#blobs.remove(key);
      }
    });
    if (!isWritten) throw new Error('LMDB did not write');
  }

  /** Waits for writes under way and closes the database. */
  close(): Promise<void> {
    return this.#blobs.close();
  }
}
