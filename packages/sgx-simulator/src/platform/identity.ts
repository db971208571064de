import type { SgxAttributes } from '@neo-service-layer/attestation/device';

/** What the processor keeps about a running enclave (SECS, SDM Vol 3D): set at launch, never again. */
export interface EnclaveIdentity {
  /** 32 bytes. */
  mrEnclave: Uint8Array;
  /** 32 bytes. */
  mrSigner: Uint8Array;
  attributes: SgxAttributes;
  miscSelect: number;
  isvProdId: number;
  isvSvn: number;
  /** 16 bytes each. */
  isvFamilyId: Uint8Array;
  isvExtProdId: Uint8Array;
  /** 64 bytes. */
  configId: Uint8Array;
  configSvn: number;
}

/** What the keys of one CPU depend on beside the enclave. All of it is secret but `cpuSvn`. */
export interface Processor {
  /** 16 bytes, unique to the machine. */
  fuseKey: Uint8Array;
  /** 16 bytes, set by the owner of the machine. */
  ownerEpoch: Uint8Array;
  /** 16 bytes; in the simulator each is the SVN of one TCB component. */
  cpuSvn: Uint8Array;
}
