import type { HostBlobs } from '@neo-service-layer/tee-channel/host-link';

/** The blobs of a host in memory, which it may do with as it likes. */
export class EvilBlobs implements HostBlobs {
  readonly kept = new Map<string, Uint8Array>();
  refusesToWrite = false;

  async get(key: string): Promise<Uint8Array | null> {
    return this.kept.get(key) ?? null;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    if (this.refusesToWrite) throw new Error('no space left on the device');
    this.kept.set(key, Uint8Array.from(bytes));
  }

  /** The one file whose key begins so. */
  file(beginning: string): [key: string, bytes: Uint8Array] {
    const found = [...this.kept].filter(([key]) => key.startsWith(beginning));
    const [first] = found;
    if (first === undefined || found.length > 1) throw new Error(`${found.length} files begin with ${beginning}`);
    return first;
  }
}
