import { LogBlobStore } from '@neo-service-layer/sealing/host';
import type { HostStore } from '@neo-service-layer/tee-channel/host-link';
import { TeeError } from '@neo-service-layer/tee-interface';

/**
 * What users keep in one enclave, sealed, in an append-only file of a folder. Opened when the enclave first asks for
 * something; one process at a time, which the lock of the enclave's instance sees to. Another store of sealing
 * (`LmdbBlobStore`) serves as well, and large amounts of data better.
 */
export class FolderStore implements HostStore {
  readonly #folder: string;
  #opened: Promise<LogBlobStore> | null = null;

  /** @param folder is made when the enclave first asks */
  constructor(folder: string) {
    this.#folder = folder;
  }

  getMany(keys: readonly string[]): Promise<(Uint8Array | null)[]> {
    if (keys.length === 0) return Promise.resolve([]);
    return this.#with('read', (store) => store.getMany(keys));
  }

  write(changes: readonly { key: string; value: Uint8Array | null }[]): Promise<void> {
    return this.#with('write', (store) => store.write(changes));
  }

  /** Waits for writes under way and closes the file. */
  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    await (await opened?.catch(() => null))?.close();
  }

  async #with<Result>(what: string, action: (store: LogBlobStore) => Promise<Result>): Promise<Result> {
    const opening = this.#opened ?? LogBlobStore.open(this.#folder);
    this.#opened = opening;
    // A folder that could not be opened is tried again.
    opening.catch(() => {
      if (this.#opened === opening) this.#opened = null;
    });
    try {
      return await action(await opening);
    } catch (cause) {
      throw new TeeError('ERR_HOST_BLOBS', `The host could not ${what} what the enclave keeps.`, {
        actual: `${this.#folder}: ${cause instanceof Error ? cause.message : String(cause)}`,
        cause,
      });
    }
  }
}
