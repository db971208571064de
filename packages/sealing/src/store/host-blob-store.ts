/** One change of a {@link HostBlobStore.write}: a value, or null to delete. */
export interface BlobChange {
  key: string;
  value: Uint8Array | null;
}

/**
 * Where sealed bytes lie: on the host, which may read, change, drop and replay all of it. A {@link SealedStore} trusts
 * none of it; what it asks of an honest host is that `write` is all or nothing and lasts.
 *
 * Keys are up to 200 characters of a-z, 0-9 and dots, and say nothing about names.
 */
export interface HostBlobStore {
  /** The values under these keys, in their order, null where there is none. */
  getMany(keys: readonly string[]): Promise<(Uint8Array | null)[]>;
  /** Makes all changes or none, durable when the promise resolves. A key stands in `changes` once. */
  write(changes: readonly BlobChange[]): Promise<void>;
}
