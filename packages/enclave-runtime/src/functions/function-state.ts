import type { StorageCapability } from '@neo-service-layer/js-execution';
import type { JsonValue, UserQuota } from '@neo-service-layer/tee-interface';
import type { Account } from '../stores/account.ts';

/** What stands before the keys of a function's values in its owner's account. The id's length keeps two ids apart. */
export function statePrefix(functionId: string): string {
  return `${functionId.length}:${functionId}/`;
}

/**
 * What stands before the keys of values that are pinned to one version of a function; without its hash, to any version.
 * Begins as no {@link statePrefix} does, so that no function finds the values of another by a key made up for it.
 */
export function pinnedPrefix(functionId: string, functionHash = ''): string {
  return `pinned/${statePrefix(functionId)}${functionHash === '' ? '' : `${functionHash}/`}`;
}

/**
 * What one deployed function keeps from call to call, in the account and on the quota of its owner. Whoever runs the
 * function reads and writes it through the function only.
 * @param prefix what its values belong to: {@link statePrefix} or {@link pinnedPrefix}
 */
export function functionState(account: Account, prefix: string, quota: () => Promise<UserQuota>): StorageCapability {
  return {
    async get(key) {
      const found = await account.get('state', prefix + key);
      return found ? (JSON.parse(Buffer.from(found.value).toString()) as JsonValue) : undefined;
    },
    async put(key, value) {
      const bytes = new Uint8Array(Buffer.from(JSON.stringify(value)));
      await account.put('state', prefix + key, bytes, { quota: await quota() });
    },
    delete: (key) => account.remove('state', prefix + key),
    async list(wanted) {
      const entries = await account.list('state', prefix + wanted);
      return entries.map(({ name }) => name.slice(prefix.length));
    },
  };
}
