/** Calls that the host makes to the enclave. Bodies are opaque to the host except for `evidence`, which is public. */
export const linkCalls = {
  /** Body: a nonce of at most 64 bytes, or nothing. Answer: canonical CBOR [quote, claims]. */
  evidence: 'evidence',
  /** Body and answer: a message of tee-channel/1. */
  channel: 'channel',
  /** Body: a call, and answer: its outcome, in the encoding of the method table. About the enclave's keyring; public. */
  keyring: 'keyring',
  /** Answer: nothing. Says that the runtime is alive. */
  ping: 'ping',
  /** Answer: nothing; the enclave then ends by itself. */
  shutdown: 'shutdown',
} as const;

/** Calls that the enclave makes to the host: for sealed bytes that shall outlive it. */
export const hostCalls = {
  /** Body: a key in UTF-8. Answer: canonical CBOR, the bytes or null. */
  blobGet: 'blob.get',
  /** Body: canonical CBOR [key, bytes]. Answer: nothing, once the bytes are on the host's disk. */
  blobPut: 'blob.put',
  /** Body: canonical CBOR, keys. Answer: canonical CBOR, the bytes under each, or null. */
  storeGet: 'store.get',
  /** Body: canonical CBOR, [key, bytes or null] for each change. Answer: nothing, once all of them are on the host's disk. */
  storeWrite: 'store.write',
} as const;

/** Notices that the enclave sends to the host. They hold no secret, input or result. */
export const linkNotices = {
  /** First frame of a link. Body: canonical CBOR [version, token]. */
  hello: 'hello',
  /** Body: a line of UTF-8 for the host's log. */
  log: 'log',
} as const;
