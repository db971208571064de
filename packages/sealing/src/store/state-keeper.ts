import { BlobSealer } from '../blob/blob-sealer.ts';
import { acceptState } from '../freshness/accept-state.ts';
import type { FreshnessAnchor } from '../freshness/freshness-anchor.ts';
import { describeEntry, rollback } from '../freshness/rollback.ts';
import type { BlobChange, HostBlobStore } from './host-blob-store.ts';
import type { StoreNames } from './store-names.ts';
import type { SealedStoreOptions } from './store-options.ts';
import { decodeState, encodeState, entryOf, type StoreState } from './store-state.ts';

/** Seals the state of a store for the host, and takes it back if it is the newest one as far as the anchor knows. */
export class StateKeeper {
  readonly #host: HostBlobStore;
  readonly #sealer: BlobSealer;
  readonly #anchor: FreshnessAnchor;
  readonly #names: StoreNames;
  readonly #historyEpochs: number;

  constructor(options: SealedStoreOptions, anchor: FreshnessAnchor, names: StoreNames) {
    this.#host = options.host;
    this.#sealer = new BlobSealer(options.keyring, options);
    this.#anchor = anchor;
    this.#names = names;
    this.#historyEpochs = options.historyEpochs ?? 4096;
  }

  /**
   * The state on the host and the generation that sealed it, or null where there is none.
   * @throws {TeeError} ERR_SEAL_ROLLBACK, ERR_SEAL_FRESHNESS_UNKNOWN, and the refusals of a blob
   */
  async load(): Promise<{ state: StoreState; generation: number } | null> {
    const { prefix, stateKey } = this.#names;
    const [blob] = await this.#host.getMany([stateKey]);
    if (!blob) {
      const known = await this.#anchor.read(prefix);
      if (known !== null) throw rollback('The host has no data where there was some.', describeEntry(known), 'nothing');
      return null;
    }
    const { data, epoch, recipient } = await this.#sealer.open(blob, { name: prefix });
    const state = decodeState(data);
    if (state.epoch !== epoch) {
      throw rollback('The state is of another commit.', `epoch ${epoch}`, `epoch ${state.epoch}`);
    }
    const entry = entryOf(state);
    if (entry) await acceptState(this.#anchor, prefix, entry, state.previous);
    return { state, generation: recipient.kind === 'keyring' ? recipient.generation : 0 };
  }

  /** What a commit writes: the state itself, and its link of the history that receipts are checked by, which is bounded. */
  async writes(state: StoreState): Promise<BlobChange[]> {
    const { prefix, stateKey } = this.#names;
    const { epoch } = state;
    const encoded = encodeState(state);
    const forgotten = epoch - this.#historyEpochs;
    return [
      { key: stateKey, value: await this.#sealer.seal(encoded, { name: prefix, epoch }) },
      { key: this.#names.historyKey(epoch), value: encoded },
      ...(forgotten > 0 ? [{ key: this.#names.historyKey(forgotten), value: null }] : []),
    ];
  }
}
