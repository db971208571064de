/** Which identity a sealing key is bound to (SDM, EGETKEY, KEYPOLICY). */
export type SealPolicy =
  /** MRENCLAVE: exactly this image and configuration. Lost when either changes. */
  | 'enclave'
  /** MRSIGNER: every enclave of the same signer and product id, at this security version or a later one. */
  | 'signer';

/**
 * What selects one of the keys that a CPU can derive for an enclave. Everything here is public and stands in the
 * blob's header; the CPU adds its fuses and the identity of the enclave that asks.
 */
export interface SealKeyRequest {
  policy: SealPolicy;
  /** 32 bytes; another value, another key. */
  keyId: Uint8Array;
  /** 16 bytes; opaque, never compared: only EGETKEY can say whether it is above the current one. */
  cpuSvn: Uint8Array;
  isvSvn: number;
  configSvn: number;
}

/** The CPU as sealing sees it: the identity that runs, and EGETKEY. Implemented by the enclave runtime over /dev/sgx. */
export interface SealKeySource {
  /** The running enclave, from a report of itself (never from configuration). */
  readonly identity: {
    /** 64 lower-case hex digits. */
    mrEnclave: string;
    /** 64 lower-case hex digits. */
    mrSigner: string;
    cpuSvn: Uint8Array;
    isvSvn: number;
    configSvn: number;
  };
  /** EGETKEY(SEAL): 16 bytes, or null when the CPU refuses the request (a security version above the current one). */
  getKey(request: SealKeyRequest): Promise<Uint8Array | null>;
}
