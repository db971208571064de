import { TeeError } from '@neo-service-layer/tee-interface';
import type { StoreChange, StoredValue } from './stored-value.ts';

/** Reads and writes that happen together or not at all. Made by `SealedStore.transaction`, and of no use after it. */
export class StoreTransaction {
  readonly #read: (name: string) => Promise<StoredValue | null>;
  readonly #versions = new Map<string, number | null>();
  readonly #changes = new Map<string, Uint8Array | null>();
  #isOpen = true;

  constructor(read: (name: string) => Promise<StoredValue | null>) {
    this.#read = read;
  }

  /** The value as this transaction left it, or as it stands in the store; null if there is none. */
  async get(name: string): Promise<Uint8Array | null> {
    this.#requireOpen();
    const changed = this.#changes.get(name);
    if (changed !== undefined) return changed && Uint8Array.from(changed);
    const found = await this.#read(name);
    const version = found?.version ?? null;
    const before = this.#versions.get(name);
    if (before !== undefined && before !== version) {
      throw new TeeError('ERR_SEAL_CONFLICT', 'A value was changed between two reads of a transaction.', {
        hint: 'Run the transaction again.',
      });
    }
    this.#versions.set(name, version);
    return found?.value ?? null;
  }

  /** The version in the store of a value that this transaction has read; null if there is none. */
  versionOf(name: string): number | null {
    return this.#versions.get(name) ?? null;
  }

  put(name: string, value: Uint8Array): void {
    this.#requireOpen();
    this.#changes.set(name, Uint8Array.from(value));
  }

  delete(name: string): void {
    this.#requireOpen();
    this.#changes.set(name, null);
  }

  /** Ends it: what was written, and what that depends on. */
  finish(): { changes: StoreChange[]; versions: ReadonlyMap<string, number | null> } {
    this.#requireOpen();
    this.#isOpen = false;
    return { changes: [...this.#changes].map(([name, value]) => ({ name, value })), versions: this.#versions };
  }

  #requireOpen(): void {
    if (!this.#isOpen) throw new TeeError('ERR_INVALID_ARGUMENT', 'The transaction is over.');
  }
}
