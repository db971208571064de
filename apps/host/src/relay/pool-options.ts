import type { EnclaveProgram, LaunchOptions } from '@neo-service-layer/occlum-interface';
import type { HostLink, HostStore } from '@neo-service-layer/tee-channel/host-link';
import type { Collateral } from '@neo-service-layer/tee-interface';
import type { EnclaveEvent } from './supervised-enclave.ts';

/** What happens in a pool, for whoever runs the host. */
export type PoolEvent =
  | (EnclaveEvent & { member: number })
  | { event: 'keeper'; member: number; pid: number }
  | { event: 'enclave-drained'; member: number };

/** What a pool is made of. */
export interface EnclavePoolOptions {
  /** Enclaves of one image, each in an instance of its own; the first begins as the keeper. */
  programs: readonly (EnclaveProgram & { mrEnclave: string })[];
  /** How each is launched; the store is {@link store}. */
  launch: (member: number) => Omit<LaunchOptions, 'store'>;
  /** What users keep. */
  store: HostStore;
  collateral: (quote: Uint8Array) => Promise<Collateral>;
  onEvent: (event: PoolEvent) => void;
}

/** Another image for a pool. */
export interface Replacement {
  programs: EnclavePoolOptions['programs'];
  launch: EnclavePoolOptions['launch'];
  /** Lets the new enclave at the keyring of the old one, or throws. */
  handOver: (from: HostLink, to: HostLink) => Promise<void>;
  /** Gives the store in its new place; nothing uses the old one meanwhile. */
  moveStore: () => Promise<HostStore>;
}
