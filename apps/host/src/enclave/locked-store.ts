import { join } from 'node:path';
import { FolderStore } from '@neo-service-layer/occlum-interface';
import { takeLock } from '@neo-service-layer/occlum-manager';
import type { HostSettings } from './settings.ts';

/**
 * The users' store of an instance, for this process alone until it is closed. The lock of the instance does not see to
 * that: it is free between two runs of an enclave, and the keeper of a pool may run in a copy of the instance.
 *
 * @param waitMs how long to wait for another process that has it
 * @throws {TeeError} ERR_OCCLUM_LOCKED when that one still has it then
 */
export async function lockedStore(
  { home, instance, storeDir }: Pick<HostSettings, 'home' | 'instance' | 'storeDir'>,
  action: string,
  waitMs: number,
): Promise<{ store: FolderStore; close(): Promise<void> }> {
  const lock = await takeLock(join(home, 'locks', `store-${instance}`), action, waitMs);
  const store = new FolderStore(storeDir);
  return {
    store,
    close: async () => {
      await store.close();
      await lock.release();
    },
  };
}
