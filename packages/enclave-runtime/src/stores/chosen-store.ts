import type { BlobChange, HostBlobStore } from '@neo-service-layer/sealing';
import { isTeeError } from '@neo-service-layer/tee-interface';
import { MemoryStore } from './memory-store.ts';

/**
 * The host's store, or memory where the host says at the first read that it keeps none. It is asked once: a host that
 * says so later withholds what it has, and that is an error then.
 */
export class ChosenStore implements HostBlobStore {
  readonly #host: HostBlobStore | null;
  #choice: Promise<HostBlobStore> | null = null;
  #isKept = false;

  constructor(host: HostBlobStore | null) {
    this.#host = host;
  }

  /** Whether the host keeps what is written; false before the first read. */
  get isKept(): boolean {
    return this.#isKept;
  }

  async getMany(keys: readonly string[]): Promise<(Uint8Array | null)[]> {
    return (await this.#chosen()).getMany(keys);
  }

  async write(changes: readonly BlobChange[]): Promise<void> {
    return (await this.#chosen()).write(changes);
  }

  #chosen(): Promise<HostBlobStore> {
    this.#choice ??= this.#ask().catch((error: unknown) => {
      this.#choice = null;
      throw error;
    });
    return this.#choice;
  }

  async #ask(): Promise<HostBlobStore> {
    if (this.#host === null) return new MemoryStore();
    try {
      await this.#host.getMany([]);
    } catch (error) {
      if (isTeeError(error) && error.code === 'ERR_UNKNOWN_METHOD') return new MemoryStore();
      throw error;
    }
    this.#isKept = true;
    return this.#host;
  }
}
