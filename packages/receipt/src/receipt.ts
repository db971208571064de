/** What an enclave says of one execution. Hashes and commitments are SHA-256, 32 bytes. */
export interface ExecutionReceipt {
  /** {@link functionHash} of what ran: sources, kind and grants. */
  functionHash: Uint8Array;
  /** Hash of the contract that the function's author states for it; null when none is stated. The enclave does not look at it. */
  contract: Uint8Array | null;
  /** {@link commitment} to the input. */
  input: Uint8Array;
  /** {@link commitment} to the result; null when the execution failed. */
  output: Uint8Array | null;
  /** {@link commitment} to the sorted names of the secrets that it was given. Their values are in no receipt. */
  secretNames: Uint8Array;
  /** `ok`, or the code of the failure (`ERR_JS_…`). */
  outcome: string;
  /** The limits it ran under: milliseconds, bytes, units. */
  limits: { timeoutMs: number; memoryBytes: number; gas: number };
  gasUsed: number;
  functionId: string;
  /** As the user signed in; the caller's word only when `userKey` is null. */
  userId: string;
  /** The key (Ed25519, 32 bytes) that signed in for this call; null for an anonymous caller. */
  userKey: Uint8Array | null;
  /** 1 for the first receipt since the enclave started, and one more each time: a gap is a receipt that is kept back. */
  counter: number;
  /** Unix seconds by the enclave's clock, which its host sets. */
  time: number;
  /** 16 bytes, random for each start of the enclave; stands in its evidence. */
  bootId: Uint8Array;
  /** Hash of the configuration that the enclave runs with; stands in its evidence. */
  configHash: Uint8Array;
  /** Ethereum address (20 bytes) of the key that co-signs, see `./ethereum`; null when none does. */
  cosigner: Uint8Array | null;
}

/** A receipt as it is handed over. Nothing of it has been verified when it was merely parsed. */
export interface SignedReceipt {
  receipt: ExecutionReceipt;
  /** The bytes that are signed. */
  body: Uint8Array;
  /** Ed25519, 64 bytes, by the identity key of the enclave. */
  signature: Uint8Array;
  /** 65 bytes: r, s, v; null when nobody co-signed. */
  cosignature: Uint8Array | null;
}
