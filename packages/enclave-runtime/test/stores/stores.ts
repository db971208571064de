import { Keyring } from '@neo-service-layer/sealing';
import { EnclaveStores } from '../../src/stores/enclave-stores.ts';
import { MemoryStore } from '../../src/stores/memory-store.ts';

/** Stores over a host that behaves, which tests may look into and break. */
export function newStores(options: { maxOpen?: number } = {}) {
  const memory = new MemoryStore();
  const host = {
    isKept: true,
    fails: false,
    getMany: (keys: readonly string[]) => memory.getMany(keys),
    write: async (changes: Parameters<MemoryStore['write']>[0]) => {
      if (host.fails) throw new Error('the disk is full');
      await memory.write(changes);
    },
  };
  const held = { keyring: Keyring.create({ policy: { kind: 'enclave' }, now: 0 }) };
  const stores = new EnclaveStores({ host, keyring: async () => held.keyring, ...options });
  return { stores, host, held };
}

/** Text as the bytes that stores hold. */
export const bytes = (text: string) => new TextEncoder().encode(text);
