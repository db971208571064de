import type { KemKeyPair } from './handshake.ts';

/** Holds the private key of an offer until it is used. */
export interface OfferedKey {
  /** The key pair, or null when it is gone. */
  take(): KemKeyPair | null;
}

/** Gives its key once and forgets it: who takes the enclave's memory later cannot open what was recorded before. */
export class OneTimeKey implements OfferedKey {
  #pair: KemKeyPair | null;

  constructor(pair: KemKeyPair) {
    this.#pair = pair;
  }

  take(): KemKeyPair | null {
    const pair = this.#pair;
    this.#pair = null;
    return pair;
  }
}
