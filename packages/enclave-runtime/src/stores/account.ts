import type { SealedStore, StoredValue, StoreTransaction } from '@neo-service-layer/sealing';
import { isTeeError, TeeError, type UserQuota } from '@neo-service-layer/tee-interface';
import type { EnclaveStores } from './enclave-stores.ts';

/** What kinds of things a user keeps; `state` is what the user's functions keep. */
export type Kind = 'function' | 'secret' | 'data' | 'state';

/** How much of the quota is used. */
export interface Usage {
  bytes: number;
  entries: number;
}

/** How an entry is written. */
export interface PutOptions {
  /** What the whole account may hold. */
  quota: Pick<UserQuota, 'storedBytes' | 'storedEntries'>;
  /** Only if the entry has this version; null: only if there is none. */
  ifVersion?: number | null | undefined;
}

const usageName = 'usage';
/** Room that an entry takes beside its name and value, roughly: record, index and envelope. */
const entryOverhead = 128;
const attempts = 16;

/**
 * Everything that belongs to one key, in a sealed store of its own: there is no way from one account to another's
 * entries, be it by a name that was made up for it. What is written counts against the quota in the same commit.
 */
export class Account {
  readonly #stores: EnclaveStores;
  readonly #namespace: string;

  /** @param publicKey of the user, hex */
  constructor(stores: EnclaveStores, publicKey: string) {
    this.#stores = stores;
    this.#namespace = `account/${publicKey}`;
  }

  /** One entry, or null. @throws {TeeError} ERR_SEAL_*, ERR_HOST_BLOBS */
  get(kind: Kind, name: string): Promise<StoredValue | null> {
    return this.#with((store) => store.get(`${kind}/${name}`));
  }

  /** Several entries of one moment, null where there is none. */
  getMany(kind: Kind, names: readonly string[]): Promise<(StoredValue | null)[]> {
    return this.#with((store) => store.getMany(names.map((name) => `${kind}/${name}`)));
  }

  /** All entries of a kind whose names begin so, by name. Reads the whole account, which its quota bounds. */
  list(kind: Kind, prefix = ''): Promise<StoredValue[]> {
    return this.#with(async (store) => {
      const found: StoredValue[] = [];
      for await (const entry of store.entries()) {
        if (!entry.name.startsWith(`${kind}/${prefix}`)) continue;
        found.push({ ...entry, name: entry.name.slice(kind.length + 1) });
      }
      return found.sort((one, other) => (one.name < other.name ? -1 : 1));
    });
  }

  /** Writes an entry and returns its version. @throws {TeeError} ERR_QUOTA, ERR_SEAL_CONFLICT */
  async put(kind: Kind, name: string, value: Uint8Array, { quota, ifVersion }: PutOptions): Promise<number> {
    const key = `${kind}/${name}`;
    const { commit } = await this.#transaction(async (transaction) => {
      const before = await transaction.get(key);
      if (ifVersion !== undefined) requireVersion(transaction.versionOf(key), ifVersion);
      const usage = await readUsage(transaction);
      const growth = sizeOf(key, value) - (before === null ? 0 : sizeOf(key, before));
      const after = { bytes: usage.bytes + growth, entries: usage.entries + (before === null ? 1 : 0) };
      requireRoom(usage, after, quota);
      transaction.put(key, value);
      transaction.put(usageName, encodeUsage(after));
    });
    return commit.version;
  }

  /** Removes an entry. False when there was none. */
  async remove(kind: Kind, name: string): Promise<boolean> {
    return (await this.#removeKeys([`${kind}/${name}`])) > 0;
  }

  /** Removes all entries of a kind whose names begin so. */
  async removeAll(kind: Kind, prefix: string): Promise<void> {
    const entries = await this.list(kind, prefix);
    if (entries.length > 0) await this.#removeKeys(entries.map(({ name }) => `${kind}/${name}`));
  }

  /** How much it holds. */
  async usage(): Promise<Usage> {
    return decodeUsage((await this.#with((store) => store.get(usageName)))?.value ?? null);
  }

  async #removeKeys(keys: readonly string[]): Promise<number> {
    const { result } = await this.#transaction(async (transaction) => {
      const usage = await readUsage(transaction);
      let removed = 0;
      for (const key of keys) {
        const value = await transaction.get(key);
        if (value === null) continue;
        removed += 1;
        usage.bytes -= sizeOf(key, value);
        usage.entries -= 1;
        transaction.delete(key);
      }
      if (removed > 0) transaction.put(usageName, encodeUsage(usage));
      return removed;
    });
    return result;
  }

  #with<Result>(action: (store: SealedStore) => Promise<Result>): Promise<Result> {
    return this.#stores.with(this.#namespace, action);
  }

  /** Calls of one user may overlap; the usage is then written by one after the other. */
  async #transaction<Result>(work: (transaction: StoreTransaction) => Promise<Result>) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#with((store) => store.transaction(work));
      } catch (error) {
        const isRace =
          isTeeError(error) && error.code === 'ERR_SEAL_CONFLICT' && error.details?.['wanted'] === undefined;
        if (!isRace || attempt >= attempts) throw error;
      }
    }
  }
}

function requireVersion(found: number | null, wanted: number | null): void {
  if (found === wanted) return;
  const words = (version: number | null) => (version === null ? 'no entry' : `version ${version}`);
  throw new TeeError('ERR_SEAL_CONFLICT', 'The entry is not what it was when it was read.', {
    expected: words(wanted),
    actual: words(found),
    hint: 'Read it again and decide anew.',
    details: { wanted, found },
  });
}

function requireRoom(before: Usage, after: Usage, quota: PutOptions['quota']): void {
  // An account that a smaller quota was set for may still shrink.
  const bytes = after.bytes > quota.storedBytes && after.bytes > before.bytes;
  const entries = after.entries > quota.storedEntries && after.entries > before.entries;
  if (!bytes && !entries) return;
  throw new TeeError('ERR_QUOTA', 'The user may keep no more in the enclave.', {
    expected: `at most ${quota.storedBytes} bytes in ${quota.storedEntries} entries`,
    actual: `${after.bytes} bytes in ${after.entries} entries`,
    hint: 'Remove functions, secrets or data, or ask an administrator for a larger quota.',
  });
}

function sizeOf(key: string, value: Uint8Array): number {
  return key.length + value.length + entryOverhead;
}

async function readUsage(transaction: StoreTransaction): Promise<Usage> {
  return decodeUsage(await transaction.get(usageName));
}

function decodeUsage(value: Uint8Array | null): Usage {
  if (value === null) return { bytes: 0, entries: 0 };
  // Sealed by this program, so it is what encodeUsage wrote.
  return JSON.parse(Buffer.from(value).toString()) as Usage;
}

function encodeUsage({ bytes, entries }: Usage): Uint8Array {
  return new Uint8Array(Buffer.from(JSON.stringify({ bytes, entries })));
}
