import { isTeeError, type Registration, TeeError, type UserQuota } from '@neo-service-layer/tee-interface';
import type { EnclaveStores } from '../stores/enclave-stores.ts';

/** What the enclave keeps of a user beside what the user keeps. */
export interface UserRecord {
  userId: string;
  /** Ed25519, hex. */
  publicKey: string;
  registered: Registration;
  /** What an administrator set; null for what everybody has. */
  quota: UserQuota | null;
}

const namespace = 'users';

/**
 * Which key stands behind a user id. It is a directory of names and no more: what a user owns is found by the key, so a
 * host that turns the directory back can free a name, but gets nobody's data with it.
 */
export class UserDirectory {
  readonly #stores: EnclaveStores;
  readonly #maxUsers: number;

  constructor(stores: EnclaveStores, maxUsers: number) {
    this.#stores = stores;
    this.#maxUsers = maxUsers;
  }

  /** The user of an id, or null. @throws {TeeError} ERR_SEAL_*, ERR_HOST_BLOBS */
  find(userId: string): Promise<UserRecord | null> {
    return this.#stores.with(namespace, async (store) => {
      const found = await store.get(userId);
      return found && decode(found.value);
    });
  }

  /**
   * Binds an id to a key. An id that is bound already stays as it is.
   * @returns the record that stands
   * @throws {TeeError} ERR_BUSY when there is no room for more
   */
  add(record: UserRecord): Promise<UserRecord> {
    return this.#stores.with(namespace, async (store) => {
      const found = await store.get(record.userId);
      if (found) return decode(found.value);
      if (store.size >= this.#maxUsers) {
        throw new TeeError('ERR_BUSY', 'The enclave registers no more users.', {
          expected: `at most ${this.#maxUsers} users`,
          hint: 'How many it takes is part of its measured configuration.',
        });
      }
      try {
        await store.compareAndSwap(record.userId, null, encode(record));
        return record;
      } catch (error) {
        if (!isTeeError(error) || error.code !== 'ERR_SEAL_CONFLICT') throw error;
        const other = await store.get(record.userId);
        return other ? decode(other.value) : record;
      }
    });
  }

  /** Sets a user's quota. @throws {TeeError} ERR_USER_UNKNOWN */
  setQuota(userId: string, quota: UserQuota | null): Promise<UserRecord> {
    return this.#stores.with(namespace, async (store) => {
      const found = await store.get(userId);
      if (!found) throw new TeeError('ERR_USER_UNKNOWN', 'There is no such user.');
      const record = { ...decode(found.value), quota };
      await store.compareAndSwap(userId, found.version, encode(record));
      return record;
    });
  }

  /** Up to `most` users in the order of their ids, from the one after `after`. Reads the whole directory. */
  page(after: string, most: number): Promise<UserRecord[]> {
    return this.#stores.with(namespace, async (store) => {
      const records: UserRecord[] = [];
      for await (const { value } of store.entries()) {
        const record = decode(value);
        if (record.userId > after) records.push(record);
      }
      return records.sort((one, other) => (one.userId < other.userId ? -1 : 1)).slice(0, most);
    });
  }
}

function encode(record: UserRecord): Uint8Array {
  return new Uint8Array(Buffer.from(JSON.stringify(record)));
}

function decode(value: Uint8Array): UserRecord {
  // Sealed by this program, so it is what encode wrote.
  return JSON.parse(Buffer.from(value).toString()) as UserRecord;
}
