/** A state that somebody remembers: how often it changed, and a digest of it and of all before it. */
export interface AnchorEntry {
  /** 0 to 2^32-1. */
  epoch: number;
  /** 32 bytes. */
  chain: Uint8Array;
}

/**
 * A memory that the host cannot turn back. Sealing cannot tell an old blob from a new one; whoever has such a memory
 * can (sealing-and-channel §1.7).
 */
export interface FreshnessAnchor {
  /** `process` remembers for as long as this enclave runs, `external` survives it. */
  readonly kind: 'process' | 'external';
  /**
   * The last state of a namespace, or null if it never had one.
   * @throws {TeeError} ERR_SEAL_FRESHNESS_UNKNOWN when the anchor cannot be asked or its answer not be believed
   */
  read(namespace: string): Promise<AnchorEntry | null>;
  /**
   * Moves a namespace from one state to the next, if it still is at `from`.
   * @throws {TeeError} ERR_SEAL_ROLLBACK when it is elsewhere (another instance writes too),
   *   ERR_SEAL_FRESHNESS_UNKNOWN when it is not known whether it moved
   */
  advance(namespace: string, from: AnchorEntry | null, to: AnchorEntry): Promise<void>;
}
