import type { EvidenceBundle } from '@neo-service-layer/tee-interface';

/** How a client reaches an enclave. Nothing about it is trusted: it may read, change, drop and replay what it carries. */
export interface Transport {
  /** The enclave's current evidence. @throws {TeeError} ERR_TRANSPORT, ERR_LINK_CLOSED */
  evidence(): Promise<EvidenceBundle>;
  /** The same as it goes over the wire, where the transport has it so; for relays, which need not encode it again. */
  encodedEvidence?(): Promise<Uint8Array>;
  /** Carries a channel message to the enclave and its answer back. @throws {TeeError} ERR_TRANSPORT, ERR_LINK_CLOSED */
  exchange(message: Uint8Array): Promise<Uint8Array>;
  /** Lets go of the transport. Does not stop an enclave. */
  close(): Promise<void>;
}
