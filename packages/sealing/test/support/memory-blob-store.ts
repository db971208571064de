import type { BlobChange, HostBlobStore } from '../../src/index.ts';

/** A host that does whatever the test wants with the bytes in its hands. */
export class MemoryBlobStore implements HostBlobStore {
  blobs = new Map<string, Uint8Array>();
  /** Throws before or after the next write. */
  failNext: 'before' | 'after' | null = null;

  async getMany(keys: readonly string[]): Promise<(Uint8Array | null)[]> {
    return keys.map((key) => this.blobs.get(key) ?? null);
  }

  async write(changes: readonly BlobChange[]): Promise<void> {
    const fail = this.failNext;
    this.failNext = null;
    if (fail === 'before') throw new Error('the host failed');
    for (const { key, value } of changes) {
      if (value) this.blobs.set(key, Uint8Array.from(value));
      else this.blobs.delete(key);
    }
    if (fail === 'after') throw new Error('the host failed');
  }

  snapshot(): Map<string, Uint8Array> {
    return new Map(this.blobs);
  }
}
