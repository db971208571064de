import type { CipherOptions } from '../blob/blob-cipher.ts';
import type { FreshnessAnchor } from '../freshness/freshness-anchor.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { HostBlobStore } from './host-blob-store.ts';
import type { Padding } from './value-plaintext.ts';

/** How a store is opened. */
export interface SealedStoreOptions extends CipherOptions {
  host: HostBlobStore;
  keyring: Keyring;
  /** What belongs together, e.g. the secrets of one user. Any text; the host sees a keyed hash of it. */
  namespace: string;
  /** Remembers the newest state. Default: a `ProcessAnchor` of this store alone. */
  anchor?: FreshnessAnchor | undefined;
  padding?: Padding | undefined;
  /** Index pages kept in memory, about 3 KiB each. Default 4096. */
  cachePages?: number | undefined;
  /** For how many commits the receipts of clients can be checked. Default 4096. */
  historyEpochs?: number | undefined;
}
