import type { FreshnessAnchor } from '../freshness/freshness-anchor.ts';
import { ProcessAnchor } from '../freshness/process-anchor.ts';
import { makeReceipt } from '../freshness/receipt.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { sha256 } from '../keys/key-schedule.ts';
import { CommitQueue } from './commit-queue.ts';
import type { HostBlobStore } from './host-blob-store.ts';
import { IndexTree } from './index-tree.ts';
import { RecordCipher } from './record-cipher.ts';
import { requireVersions, wasFirst } from './require-versions.ts';
import { SealedValues } from './sealed-values.ts';
import { StateKeeper } from './state-keeper.ts';
import { StoreNames } from './store-names.ts';
import type { SealedStoreOptions } from './store-options.ts';
import { StoreReader, toStored } from './store-reader.ts';
import { emptyState, encodeState, entryOf, nextEpoch, type StoreState } from './store-state.ts';
import { StoreTransaction } from './store-transaction.ts';
import type { Commit, ReadOptions, StoreChange, StoredValue } from './stored-value.ts';

/**
 * A key-value store whose bytes lie on the host and whose meaning does not: values, names and namespaces are hidden,
 * every commit is all or nothing, and no value can be changed, swapped, dropped or turned back unseen while the store is
 * open. Across restarts that depends on the anchor ({@link Freshness}). The host still sees how many entries there are,
 * their sizes (unless padded) and which are read and written when.
 *
 * One instance writes a namespace at a time; a second one is noticed by a shared anchor only.
 */
export class SealedStore {
  readonly #host: HostBlobStore;
  readonly #keyring: Keyring;
  readonly #anchor: FreshnessAnchor;
  readonly #names: StoreNames;
  readonly #index: IndexTree;
  readonly #values: SealedValues;
  readonly #receiptKey: Uint8Array;
  readonly #states: StateKeeper;
  readonly #reader: StoreReader;
  readonly #queue = new CommitQueue();
  #state: StoreState = emptyState;
  /** Generation of the keyring that sealed the present state. */
  #stateGeneration: number;

  private constructor(options: SealedStoreOptions) {
    const { host, keyring, namespace } = options;
    this.#host = host;
    this.#keyring = keyring;
    this.#stateGeneration = keyring.activeGeneration;
    this.#anchor = options.anchor ?? new ProcessAnchor();
    this.#names = new StoreNames(keyring.deriveKey('store names'), namespace);
    this.#receiptKey = keyring.deriveKey('store receipts');
    this.#states = new StateKeeper(options, this.#anchor, this.#names);
    this.#index = new IndexTree(host, this.#names.prefix, options.cachePages ?? 4096);
    this.#values = new SealedValues(host, new RecordCipher(keyring, options), this.#names, options.padding ?? 'none');
    this.#reader = new StoreReader({
      index: this.#index,
      values: this.#values,
      queue: this.#queue,
      freshness: { host, anchor: this.#anchor, names: this.#names, receiptKey: this.#receiptKey },
      state: () => this.#state,
    });
  }

  /**
   * Opens a store, or starts an empty one where the host has none.
   * @throws {TeeError} ERR_SEAL_ROLLBACK when the anchor remembers another state, ERR_SEAL_FRESHNESS_UNKNOWN, and
   *   whatever `BlobSealer.open` says of the state
   */
  static async open(options: SealedStoreOptions): Promise<SealedStore> {
    const store = new SealedStore(options);
    const loaded = await store.#states.load();
    if (loaded) [store.#state, store.#stateGeneration] = [loaded.state, loaded.generation];
    return store;
  }

  /** Number of entries. */
  get size(): number {
    return this.#state.count;
  }

  /** A receipt of the present state, or null before the first commit. */
  get receipt(): Uint8Array | null {
    const entry = entryOf(this.#state);
    return entry && makeReceipt(this.#receiptKey, this.#names.prefix, entry);
  }

  /** @throws {TeeError} ERR_SEAL_ROLLBACK, ERR_SEAL_TAMPERED and the other refusals of a blob; ERR_SEAL_FRESHNESS_UNKNOWN */
  async get(name: string, options: ReadOptions = {}): Promise<StoredValue | null> {
    return (await this.getMany([name], options))[0] ?? null;
  }

  /** Several values of one state, null where there is none. @throws {TeeError} as {@link SealedStore.get} */
  async getMany(names: readonly string[], options: ReadOptions = {}): Promise<(StoredValue | null)[]> {
    const ids = names.map((name) => this.#names.id(name));
    const values = await this.#reader.values(ids, options);
    return values.map((value) => value && toStored(value));
  }

  /** Writes one value. @throws {TeeError} ERR_SEAL_TOO_LARGE, ERR_INVALID_ARGUMENT for a name beyond 65535 bytes */
  put(name: string, value: Uint8Array): Promise<Commit> {
    return this.write([{ name, value }]);
  }

  /** Deletes one value, if there is one. */
  delete(name: string): Promise<Commit> {
    return this.write([{ name, value: null }]);
  }

  /** Writes all changes or none; of several for one name, the last. */
  write(changes: readonly StoreChange[]): Promise<Commit> {
    return this.#queue.run(() => this.#commit(changes, new Map()));
  }

  /**
   * Writes if the value still has the version that was read (null: if there is none).
   * @throws {TeeError} ERR_SEAL_CONFLICT otherwise
   */
  compareAndSwap(name: string, version: number | null, value: Uint8Array | null): Promise<Commit> {
    return this.#queue.run(() => this.#commit([{ name, value }], new Map([[name, version]])));
  }

  /**
   * Runs reads and writes as one: what it wrote happens all together, and only if nothing it read has changed since.
   * Nothing happens when `work` throws.
   * @throws {TeeError} ERR_SEAL_CONFLICT: run it again
   */
  async transaction<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<{ result: T; commit: Commit }> {
    const transaction = new StoreTransaction((name) => this.get(name));
    const result = await work(transaction).catch((error: unknown) => {
      transaction.finish();
      throw error;
    });
    const { changes, versions } = transaction.finish();
    return { result, commit: await this.#queue.run(() => this.#commit(changes, versions)) };
  }

  /**
   * All values, a page of the index at a time and in no order that means anything. Each page is of one state; what is
   * written meanwhile may or may not be seen. @throws {TeeError} as {@link SealedStore.get}
   */
  async *entries(options: ReadOptions = {}): AsyncGenerator<StoredValue> {
    for await (const page of this.#reader.pages(options)) yield* page.map(toStored);
  }

  /** All names that start with a prefix. Reads every value: names are known only inside of them. */
  async *list(prefix = ''): AsyncGenerator<string> {
    for await (const { name } of this.entries()) if (name.startsWith(prefix)) yield name;
  }

  /**
   * Seals everything again that an older generation of the keyring sealed, a page at a time between other work; then the
   * old generation can be destroyed. Stops where its consumer stops, and may be run again.
   */
  async *reseal(): AsyncGenerator<{ done: number; total: number; resealed: number }> {
    let done = 0;
    let resealed = 0;
    for await (const page of this.#reader.pages({})) {
      const old = page.filter(({ resealNeeded }) => resealNeeded);
      for (const { name, value, version } of old) {
        // Whoever changed it meanwhile has sealed it with the new generation.
        if (await wasFirst(this.compareAndSwap(name, version, value))) resealed += 1;
      }
      done += page.length;
      yield { done, total: this.#state.count, resealed };
    }
    // The state itself is sealed too, even when there is nothing else.
    if (this.#state.epoch > 0 && this.#stateGeneration !== this.#keyring.activeGeneration) await this.write([]);
  }

  async #commit(changes: readonly StoreChange[], versions: ReadonlyMap<string, number | null>): Promise<Commit> {
    const before = this.#state;
    if (versions.size > 0) {
      const ids = [...versions.keys()].map((name) => this.#names.id(name));
      requireVersions([...versions.values()], await this.#index.find(before.root, ids));
    }
    const epoch = nextEpoch(before);
    const generation = this.#keyring.activeGeneration;
    const { writes, index } = this.#values.seal(changes, epoch);
    const update = await this.#index.update(before.root, index);
    const from = entryOf(before);
    const previous = from?.chain ?? emptyState.previous;
    const state: StoreState = { epoch, count: before.count + update.growth, root: update.root, previous };
    const to = { epoch, chain: sha256(encodeState(state)) };
    const drops = this.#values.drop(update.dropped);
    const allWrites = [...writes, ...drops, ...update.writes, ...(await this.#states.writes(state))];
    try {
      // In this order: a state that the anchor does not know yet is accepted at the next start, one that the host does
      // not have is a rollback.
      await this.#host.write(allWrites);
      await this.#anchor.advance(this.#names.prefix, from, to);
    } catch (cause) {
      this.#queue.break(cause);
      throw cause;
    }
    update.adopt();
    this.#state = state;
    this.#stateGeneration = generation;
    return { version: epoch, receipt: makeReceipt(this.#receiptKey, this.#names.prefix, to) };
  }
}
