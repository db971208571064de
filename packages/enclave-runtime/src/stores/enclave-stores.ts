import { type HostBlobStore, type Keyring, ProcessAnchor, SealedStore } from '@neo-service-layer/sealing';
import { isTeeError } from '@neo-service-layer/tee-interface';

/** What {@link EnclaveStores} opens stores with. */
export interface EnclaveStoresOptions {
  host: HostBlobStore & { readonly isKept: boolean };
  /** The keyring in use; it may become another one while the enclave runs. */
  keyring: () => Promise<Keyring>;
  /** Stores that are kept open. Default 512. */
  maxOpen?: number;
}

interface OpenStore {
  keyring: Keyring;
  store: Promise<SealedStore>;
  users: number;
  /** It takes nobody new; once the last one has left, it is opened again. */
  isRetired: boolean;
  waiting: (() => void)[];
}

/**
 * The sealed stores of an enclave, one for each namespace, opened when they are needed. The host sees a keyed hash of
 * each namespace, sizes (in classes) and times.
 *
 * While the enclave runs no value is older than the last one written; what the host gave at the start may have been.
 * Values sealed under a keyring that was replaced are not there any more; those of the same keyring after a rotation are.
 */
export class EnclaveStores {
  readonly #options: Required<EnclaveStoresOptions>;
  /** One for all and for ever: a store that is opened again must not be older than when it was closed. */
  readonly #anchor = new ProcessAnchor();
  readonly #open = new Map<string, OpenStore>();

  constructor(options: EnclaveStoresOptions) {
    this.#options = { maxOpen: 512, ...options };
  }

  /** False when what is written ends with the enclave; known after the first read. */
  get isKept(): boolean {
    return this.#options.host.isKept;
  }

  /** Does something with the store of a namespace. @throws {TeeError} as `SealedStore.open`, and what the action throws */
  async with<Result>(namespace: string, action: (store: SealedStore) => Promise<Result>): Promise<Result> {
    const entry = await this.#enter(namespace);
    try {
      return await action(await entry.store);
    } catch (error) {
      // After a write that failed half way the store does not know its state.
      if (!isHarmless(error)) entry.isRetired = true;
      throw error;
    } finally {
      this.#leave(namespace, entry);
    }
  }

  /** Two stores of one namespace at once would overwrite each other's state: the next one waits until the last has gone. */
  async #enter(namespace: string): Promise<OpenStore> {
    for (;;) {
      const keyring = await this.#options.keyring();
      const known = this.#open.get(namespace);
      if (known === undefined) return this.#use(namespace, this.#openStore(namespace, keyring));
      if (known.keyring === keyring && !known.isRetired) return this.#use(namespace, known);
      known.isRetired = true;
      if (known.users === 0) this.#open.delete(namespace);
      else await new Promise<void>((resolve) => known.waiting.push(resolve));
    }
  }

  #use(namespace: string, entry: OpenStore): OpenStore {
    entry.users += 1;
    // The map is in the order of use.
    this.#open.delete(namespace);
    this.#open.set(namespace, entry);
    this.#closeIdle();
    return entry;
  }

  #leave(namespace: string, entry: OpenStore): void {
    entry.users -= 1;
    if (entry.users > 0 || !entry.isRetired) return;
    if (this.#open.get(namespace) === entry) this.#open.delete(namespace);
    for (const goOn of entry.waiting) goOn();
  }

  #openStore(namespace: string, keyring: Keyring): OpenStore {
    const { host } = this.#options;
    const options = {
      host,
      keyring,
      namespace,
      anchor: this.#anchor,
      padding: 'size-classes',
      cachePages: 64,
    } as const;
    return { keyring, store: SealedStore.open(options), users: 0, isRetired: false, waiting: [] };
  }

  #closeIdle(): void {
    for (const [namespace, { users }] of this.#open) {
      if (this.#open.size <= this.#options.maxOpen) return;
      if (users === 0) this.#open.delete(namespace);
    }
  }
}

/** Errors about what was asked for, not about the store. */
function isHarmless(error: unknown): boolean {
  const codes = ['ERR_SEAL_CONFLICT', 'ERR_NOT_FOUND', 'ERR_QUOTA', 'ERR_INVALID_ARGUMENT', 'ERR_SEAL_TOO_LARGE'];
  return isTeeError(error) && (codes.includes(error.code) || error.code.startsWith('ERR_USER_'));
}
