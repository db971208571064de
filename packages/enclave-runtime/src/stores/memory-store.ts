import type { BlobChange, HostBlobStore } from '@neo-service-layer/sealing';

/** Where sealed values lie when the host keeps none for the enclave: in its memory, gone with it. */
export class MemoryStore implements HostBlobStore {
  readonly #blobs = new Map<string, Uint8Array>();

  async getMany(keys: readonly string[]): Promise<(Uint8Array | null)[]> {
    return keys.map((key) => this.#blobs.get(key) ?? null);
  }

  async write(changes: readonly BlobChange[]): Promise<void> {
    for (const { key, value } of changes) {
      if (value === null) this.#blobs.delete(key);
      else this.#blobs.set(key, value);
    }
  }
}
