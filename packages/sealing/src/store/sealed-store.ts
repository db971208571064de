import { TeeError } from '@neo-service-layer/tee-interface';
import type { CipherOptions } from '../blob/blob-cipher.ts';
import { BlobSealer } from '../blob/blob-sealer.ts';
import { parseEnvelope } from '../format/envelope.ts';
import { acceptState } from '../freshness/accept-state.ts';
import type { FreshnessAnchor } from '../freshness/freshness-anchor.ts';
import { ProcessAnchor } from '../freshness/process-anchor.ts';
import { makeReceipt, olderThanReceipt, readReceipt } from '../freshness/receipt.ts';
import { describeEntry, freshnessUnknown, rollback, sameEntry } from '../freshness/rollback.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { hmacSha256, sha256 } from '../keys/key-schedule.ts';
import type { BlobChange, HostBlobStore } from './host-blob-store.ts';
import type { IndexEntry } from './index-page.ts';
import { type IndexChange, IndexTree } from './index-tree.ts';
import { decodeRecord, encodeRecord, type Padding } from './record.ts';
import { decodeState, emptyState, encodeState, entryOf, type StoreState } from './store-state.ts';
import { StoreTransaction } from './store-transaction.ts';

/** How a store is opened. */
export interface SealedStoreOptions extends CipherOptions {
  host: HostBlobStore;
  keyring: Keyring;
  /** What belongs together, e.g. the secrets of one user. Any text; the host sees a keyed hash of it. */
  namespace: string;
  /** Remembers the newest state. Default: a {@link ProcessAnchor} of this store alone. */
  anchor?: FreshnessAnchor | undefined;
  padding?: Padding | undefined;
  /** Index pages kept in memory, about 3 KiB each. Default 4096. */
  cachePages?: number | undefined;
  /** For how many commits the receipts of clients can be checked. Default 4096. */
  historyEpochs?: number | undefined;
}

/**
 * How far it is known that a value is what was written last.
 * - `process`: it is the newest since this store was opened; what was opened may have been old, unless an anchor said
 *   otherwise then.
 * - `client`: moreover, it is not older than what the client that asks has seen, and of the same history.
 * - `external`: moreover, an anchor outside of this host said, for this very read, that there is no newer state.
 */
export type Freshness = 'process' | 'client' | 'external';

/** How to read. */
export interface ReadOptions {
  /** The receipt that the client got last: makes the read `client`, or refuses. */
  receipt?: Uint8Array | undefined;
  /** Ask the anchor before answering: makes the read `external` with an external anchor, or refuses. */
  confirm?: boolean | undefined;
}

/** A value with what is known about it. */
export interface StoredValue {
  name: string;
  value: Uint8Array;
  /** The commit that wrote it: another version, another value. */
  version: number;
  freshness: Freshness;
}

/** One write: a value, or null to delete. */
export interface StoreChange {
  name: string;
  value: Uint8Array | null;
}

/** A commit that is durable. */
export interface Commit {
  /** Version of everything that it wrote. */
  version: number;
  /** For the client: present it with the next read ({@link ReadOptions.receipt}). */
  receipt: Uint8Array;
}

type Raw = { name: string; value: Uint8Array; version: number; resealNeeded: boolean };

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
  readonly #sealer: BlobSealer;
  readonly #anchor: FreshnessAnchor;
  readonly #index: IndexTree;
  readonly #names: Uint8Array;
  readonly #receipts: Uint8Array;
  /** Keyed hash of the namespace: all that the host and the anchor see of it. */
  readonly #prefix: string;
  readonly #padding: Padding;
  readonly #historyEpochs: number;
  #state: StoreState = emptyState;
  /** Generation of the keyring that sealed the present state. */
  #stateGeneration: number;
  readonly #keyring: Keyring;
  #queue: Promise<unknown> = Promise.resolve();
  #broken: unknown = null;

  private constructor(options: SealedStoreOptions) {
    const { host, keyring, namespace } = options;
    this.#host = host;
    this.#keyring = keyring;
    this.#stateGeneration = keyring.activeGeneration;
    this.#sealer = new BlobSealer(keyring, options);
    this.#anchor = options.anchor ?? new ProcessAnchor();
    this.#names = keyring.deriveKey('store names');
    this.#receipts = keyring.deriveKey('store receipts');
    this.#prefix = toHex(hmacSha256(this.#names, encoder.encode(`namespace ${namespace}`)).subarray(0, 16));
    this.#padding = options.padding ?? 'none';
    this.#historyEpochs = options.historyEpochs ?? 4096;
    this.#index = new IndexTree(host, this.#prefix, options.cachePages ?? 4096);
  }

  /**
   * Opens a store, or starts an empty one where the host has none.
   * @throws {TeeError} ERR_SEAL_ROLLBACK when the anchor remembers another state, ERR_SEAL_FRESHNESS_UNKNOWN, and
   *   whatever `BlobSealer.open` says of the state
   */
  static async open(options: SealedStoreOptions): Promise<SealedStore> {
    const store = new SealedStore(options);
    await store.#load();
    return store;
  }

  /** Number of entries. */
  get size(): number {
    return this.#state.count;
  }

  /** A receipt of the present state, or null before the first commit. */
  get receipt(): Uint8Array | null {
    const entry = entryOf(this.#state);
    return entry && makeReceipt(this.#receipts, this.#prefix, entry);
  }

  /** @throws {TeeError} ERR_SEAL_ROLLBACK, ERR_SEAL_TAMPERED and the other refusals of a blob; ERR_SEAL_FRESHNESS_UNKNOWN */
  async get(name: string, options: ReadOptions = {}): Promise<StoredValue | null> {
    return (await this.getMany([name], options))[0] ?? null;
  }

  /** Several values of one state, null where there is none. @throws {TeeError} as {@link SealedStore.get} */
  getMany(names: readonly string[], options: ReadOptions = {}): Promise<(StoredValue | null)[]> {
    const ids = names.map((name) => this.#id(name));
    return this.#stable(async (state) => {
      const freshness = await this.#freshness(state, options);
      const entries = await this.#index.find(state.root, ids);
      const values = await this.#read(entries);
      return values.map((raw) => raw && { name: raw.name, value: raw.value, version: raw.version, freshness });
    });
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
    return this.#exclusive(() => this.#commit(changes, new Map()));
  }

  /**
   * Writes if the value still has the version that was read (null: if there is none).
   * @throws {TeeError} ERR_SEAL_CONFLICT otherwise
   */
  compareAndSwap(name: string, version: number | null, value: Uint8Array | null): Promise<Commit> {
    return this.#exclusive(() => this.#commit([{ name, value }], new Map([[name, version]])));
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
    return { result, commit: await this.#exclusive(() => this.#commit(changes, versions)) };
  }

  /**
   * All values, a page of the index at a time and in no order that means anything. Each page is of one state; what is
   * written meanwhile may or may not be seen. @throws {TeeError} as {@link SealedStore.get}
   */
  async *entries(options: ReadOptions = {}): AsyncGenerator<StoredValue> {
    for await (const page of this.#pages(options)) {
      for (const { name, value, version, freshness } of page) yield { name, value, version, freshness };
    }
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
    for await (const page of this.#pages({})) {
      const old = page.filter(({ resealNeeded }) => resealNeeded);
      for (const { name, value, version } of old) {
        const swap = this.compareAndSwap(name, version, value);
        // Whoever changed it meanwhile has sealed it with the new generation.
        const isOurs = await swap.then(() => true).catch((error: unknown) => ignoreConflict(error));
        if (isOurs) resealed += 1;
      }
      done += page.length;
      yield { done, total: this.#state.count, resealed };
    }
    // The state itself is sealed too, even when there is nothing else.
    if (this.#state.epoch > 0 && this.#stateGeneration !== this.#keyring.activeGeneration) await this.write([]);
  }

  async *#pages(options: ReadOptions): AsyncGenerator<(Raw & { freshness: Freshness })[]> {
    let last: Uint8Array | null = null;
    for (;;) {
      const cursor: Uint8Array | null = last;
      const page = await this.#stable(async (state) => {
        const freshness = await this.#freshness(state, options);
        const entries = await this.#index.after(state.root, cursor);
        const raws = await this.#read(entries);
        return { end: entries.at(-1)?.id ?? null, values: raws.flatMap((raw) => (raw ? [{ ...raw, freshness }] : [])) };
      });
      if (page.end === null) return;
      last = Uint8Array.from(page.end);
      yield page.values;
    }
  }

  async #load(): Promise<void> {
    const [blob] = await this.#host.getMany([`${this.#prefix}.s`]);
    if (!blob) {
      const known = await this.#anchor.read(this.#prefix);
      if (known !== null) throw rollback('The host has no data where there was some.', describeEntry(known), 'nothing');
      return;
    }
    const { data, epoch } = await this.#sealer.open(blob, { name: this.#prefix });
    const state = decodeState(data);
    if (state.epoch !== epoch)
      throw rollback('The state is of another commit.', `epoch ${epoch}`, `epoch ${state.epoch}`);
    const entry = entryOf(state);
    if (entry) await acceptState(this.#anchor, this.#prefix, entry, state.previous);
    const { recipient } = parseEnvelope(blob).header;
    if (recipient.kind === 'keyring') this.#stateGeneration = recipient.generation;
    this.#state = state;
  }

  /** The values of entries; null where there is no entry. */
  async #read(entries: readonly (IndexEntry | null)[]): Promise<(Raw | null)[]> {
    const wanted = entries.flatMap((entry) => (entry ? [entry] : []));
    const blobs = await this.#host.getMany(wanted.map(({ id }) => this.#valueKey(id)));
    const found = new Map(wanted.map((entry, index) => [entry, blobs[index] ?? null]));
    return Promise.all(entries.map((entry) => (entry ? this.#open(entry, found.get(entry) ?? null) : null)));
  }

  async #open(entry: IndexEntry, blob: Uint8Array | null): Promise<Raw> {
    if (!blob) throw rollback('A value is missing.', `version ${entry.version}`, 'nothing');
    const isExpected = Buffer.compare(tagOf(blob), entry.tag) === 0;
    // A blob that is not the expected one is opened all the same, to say what it is instead.
    const { data, epoch, resealNeeded } = await this.#sealer.open(blob, { name: this.#blobName(entry.id) });
    if (!isExpected || epoch !== entry.version) {
      throw rollback('A value is not the one that was written last.', `version ${entry.version}`, `version ${epoch}`);
    }
    return { ...decodeRecord(data), version: entry.version, resealNeeded };
  }

  async #commit(changes: readonly StoreChange[], versions: ReadonlyMap<string, number | null>): Promise<Commit> {
    const before = this.#state;
    await this.#requireVersions(before, versions);
    const epoch = before.epoch + 1;
    const generation = this.#keyring.activeGeneration;
    const last = new Map(changes.map(({ name, value }) => [name, value]));
    const writes: BlobChange[] = [];
    const indexChanges: IndexChange[] = [];
    for (const [name, value] of last) {
      const id = this.#id(name);
      const blob =
        value &&
        (await this.#sealer.seal(encodeRecord(name, value, this.#padding), { name: this.#blobName(id), epoch }));
      writes.push({ key: this.#valueKey(id), value: blob });
      indexChanges.push({ id, entry: blob && { id, version: epoch, tag: tagOf(blob) } });
    }
    const update = await this.#index.update(before.root, indexChanges);
    const from = entryOf(before);
    const state: StoreState = {
      epoch,
      count: before.count + update.growth,
      root: update.root,
      previous: from?.chain ?? emptyState.previous,
    };
    const to = { epoch, chain: sha256(encodeState(state)) };
    const sealedState = await this.#sealer.seal(encodeState(state), { name: this.#prefix, epoch });
    writes.push(...update.writes, { key: `${this.#prefix}.s`, value: sealedState });
    writes.push({ key: this.#historyKey(epoch), value: encodeState(state) });
    if (epoch > this.#historyEpochs) writes.push({ key: this.#historyKey(epoch - this.#historyEpochs), value: null });
    try {
      // In this order: a state that the anchor does not know yet is accepted at the next start, one that the host does
      // not have is a rollback.
      await this.#host.write(writes);
      await this.#anchor.advance(this.#prefix, from, to);
    } catch (cause) {
      this.#broken = cause;
      throw cause;
    }
    update.adopt();
    this.#state = state;
    this.#stateGeneration = generation;
    return { version: epoch, receipt: makeReceipt(this.#receipts, this.#prefix, to) };
  }

  async #requireVersions(state: StoreState, versions: ReadonlyMap<string, number | null>): Promise<void> {
    const names = [...versions.keys()];
    const entries = await this.#index.find(
      state.root,
      names.map((name) => this.#id(name)),
    );
    names.forEach((name, index) => {
      const [expected, actual] = [versions.get(name) ?? null, entries[index]?.version ?? null];
      if (expected === actual) return;
      throw new TeeError('ERR_SEAL_CONFLICT', 'A value was changed since it was read.', {
        expected: expected === null ? 'no value' : `version ${expected}`,
        actual: actual === null ? 'no value' : `version ${actual}`,
        hint: 'Read it again and decide anew.',
      });
    });
  }

  async #freshness(state: StoreState, { receipt, confirm }: ReadOptions): Promise<Freshness> {
    let freshness: Freshness = 'process';
    if (receipt !== undefined) {
      await this.#requireSuccessor(state, readReceipt(this.#receipts, this.#prefix, receipt));
      freshness = 'client';
    }
    if (confirm === true) {
      const [known, ours] = [await this.#anchor.read(this.#prefix), entryOf(state)];
      if (!sameEntry(known, ours)) throw rollback('There is another state.', describeEntry(known), describeEntry(ours));
      if (this.#anchor.kind === 'external') freshness = 'external';
    }
    return freshness;
  }

  /** Walks the chain of states back to the one that a client has seen. */
  async #requireSuccessor(state: StoreState, seen: { epoch: number; chain: Uint8Array }): Promise<void> {
    if (seen.epoch > state.epoch) throw olderThanReceipt(seen, state.epoch);
    let link = entryOf(state);
    while (link && link.epoch > seen.epoch) {
      const [bytes] = await this.#host.getMany([this.#historyKey(link.epoch)]);
      if (!bytes || Buffer.compare(sha256(bytes), link.chain) !== 0) {
        throw freshnessUnknown(
          'The history back to the receipt is not there.',
          'Read without it, and keep the new receipt.',
        );
      }
      link = { epoch: link.epoch - 1, chain: decodeState(bytes).previous };
    }
    if (!sameEntry(link, seen)) throw olderThanReceipt(seen, state.epoch);
  }

  /** Runs a read on one state; again on the next one if a commit replaced blobs underneath it. */
  async #stable<T>(read: (state: StoreState) => Promise<T>): Promise<T> {
    for (;;) {
      const before = this.#queue;
      await before;
      this.#requireWhole();
      const state = this.#state;
      try {
        return await read(state);
      } catch (error) {
        if (this.#queue === before && this.#state === state) throw error;
      }
    }
  }

  #exclusive<T>(action: () => Promise<T>): Promise<T> {
    const run = this.#queue.then(() => {
      this.#requireWhole();
      return action();
    });
    this.#queue = run.catch(() => undefined);
    return run;
  }

  #requireWhole(): void {
    if (this.#broken === null) return;
    throw freshnessUnknown(
      'A commit failed half way; it may or may not have happened.',
      'Open the store again.',
      this.#broken,
    );
  }

  #id(name: string): Uint8Array {
    const bytes = encoder.encode(name);
    if (bytes.length > 0xffff) throw new TeeError('ERR_INVALID_ARGUMENT', 'A name has at most 65535 bytes.');
    return hmacSha256(this.#names, encoder.encode(`name ${this.#prefix} `), bytes).subarray(0, 16);
  }

  #blobName(id: Uint8Array): string {
    return `${this.#prefix}/${toHex(id)}`;
  }

  #valueKey(id: Uint8Array): string {
    return `${this.#prefix}.v${toHex(id)}`;
  }

  #historyKey(epoch: number): string {
    return `${this.#prefix}.h${epoch}`;
  }
}

const encoder = new TextEncoder();

function tagOf(blob: Uint8Array): Uint8Array {
  return sha256(blob).subarray(0, 16);
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

function ignoreConflict(error: unknown): false {
  if (error instanceof TeeError && error.code === 'ERR_SEAL_CONFLICT') return false;
  throw error;
}
