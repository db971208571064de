import type { CommitQueue } from './commit-queue.ts';
import { type FreshnessSources, freshnessOf } from './freshness-of.ts';
import type { IndexEntry } from './index-page.ts';
import type { IndexTree } from './index-tree.ts';
import type { OpenedValue, SealedValues } from './sealed-values.ts';
import type { StoreState } from './store-state.ts';
import type { Freshness, ReadOptions, StoredValue } from './stored-value.ts';

/** An opened value, with how fresh it is known to be. */
export type FreshValue = OpenedValue & { freshness: Freshness };

/** What reading a store takes. */
export interface StoreParts {
  index: IndexTree;
  values: SealedValues;
  queue: CommitQueue;
  freshness: FreshnessSources;
  /** The state as it is now. */
  state: () => StoreState;
}

/** Reads a store, each time from one state of it. */
export class StoreReader {
  readonly #parts: StoreParts;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  /** The values of ids, null where there is none. */
  values(ids: readonly Uint8Array[], options: ReadOptions): Promise<(FreshValue | null)[]> {
    const find = (state: StoreState): Promise<(IndexEntry | null)[]> => this.#parts.index.find(state.root, ids);
    return this.#stable(async (state) => (await this.#open(state, find, options)).values);
  }

  /** All values, a page of the index at a time. */
  async *pages(options: ReadOptions): AsyncGenerator<FreshValue[]> {
    let last: Uint8Array | null = null;
    for (;;) {
      const cursor: Uint8Array | null = last;
      const next = (state: StoreState): Promise<IndexEntry[]> => this.#parts.index.after(state.root, cursor);
      const { entries, values } = await this.#stable((state) => this.#open(state, next, options));
      const end = entries.at(-1);
      if (!end) return;
      last = Uint8Array.from(end.id);
      yield values.flatMap((value) => (value ? [value] : []));
    }
  }

  async #open<T extends IndexEntry | null>(
    state: StoreState,
    entriesOf: (state: StoreState) => Promise<T[]>,
    options: ReadOptions,
  ): Promise<{ entries: T[]; values: (FreshValue | null)[] }> {
    const freshness = await freshnessOf(state, options, this.#parts.freshness);
    const entries = await entriesOf(state);
    const opened = await this.#parts.values.open(entries);
    return { entries, values: opened.map((value) => value && { ...value, freshness }) };
  }

  /** Runs a read on one state; again on the next one if a commit replaced blobs underneath it. */
  async #stable<T>(read: (state: StoreState) => Promise<T>): Promise<T> {
    const { queue, state: current } = this.#parts;
    for (;;) {
      const isOvertaken = await queue.settled();
      const state = current();
      try {
        return await read(state);
      } catch (error) {
        if (!isOvertaken() && current() === state) throw error;
      }
    }
  }
}

/** A value as the users of a store see it. */
export function toStored({ name, value, version, freshness }: FreshValue): StoredValue {
  return { name, value, version, freshness };
}
