import type { HostStore } from '@neo-service-layer/tee-channel/host-link';
import { TeeError } from '@neo-service-layer/tee-interface';

/**
 * The users' store, for one enclave of a pool at a time. Two that held it at once would overwrite each other's state.
 *
 * Guarantees: from the moment that it is taken from a holder nothing of that holder reaches the store any more, and the
 * next one gets it once what the last one had under way is over. This binds the enclaves of this process; that no
 * other process opens the folder is for its lock to see to (`lockedStore`).
 */
export class StoreLease {
  #store: HostStore;
  readonly #underWay = new Set<Promise<unknown>>();
  #holder: object | null = null;
  #turn = 0;
  #moved: Promise<unknown> = Promise.resolve();

  constructor(store: HostStore) {
    this.#store = store;
  }

  /** Whether this one holds it. */
  isHeldBy(holder: object): boolean {
    return this.#holder === holder;
  }

  /** The store as one enclave sees it: refuses with ERR_NOT_KEEPER while that one does not hold it. */
  storeFor(holder: object): HostStore {
    return {
      getMany: (keys) => this.#use(holder, () => this.#store.getMany(keys)),
      write: (changes) => this.#use(holder, () => this.#store.write(changes)),
    };
  }

  /** Takes it from whoever holds it, now, and gives it to another once nothing is under way. Of two calls the later holds. */
  async give(holder: object | null): Promise<void> {
    const turn = await this.#revoked();
    await this.#moved;
    if (turn === this.#turn) this.#holder = holder;
  }

  /**
   * Takes it from whoever holds it and, once nothing is under way, puts another store in its place: the one that the action
   * gives. Nobody gets it before that is done. When it fails, the store stays as it was, held by nobody.
   */
  async move(action: () => Promise<HostStore>): Promise<void> {
    const moved = this.#revoked()
      .then(action)
      .then((store) => {
        this.#store = store;
      });
    this.#moved = moved.catch(() => {});
    await moved;
  }

  /** Nobody holds it, from now on; resolves when nothing is under way, with what tells whether somebody came later. */
  async #revoked(): Promise<number> {
    this.#turn += 1;
    const turn = this.#turn;
    this.#holder = null;
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    return turn;
  }

  async #use<Result>(holder: object, action: () => Promise<Result>): Promise<Result> {
    if (this.#holder !== holder) throw notKeeper();
    const running = action();
    const over = running.then(
      () => {},
      () => {},
    );
    this.#underWay.add(over);
    void over.then(() => this.#underWay.delete(over));
    return running;
  }
}

function notKeeper(): TeeError {
  return new TeeError('ERR_NOT_KEEPER', 'This enclave of the pool serves without what users keep.', {
    hint: 'Connect without `stateless` for what needs users, their functions, secrets or data.',
  });
}
