/** Codes that any layer may raise. */
export const commonErrors = {
  ERR_INVALID_ARGUMENT: 'A value given by the caller does not have the documented shape.',
  ERR_CBOR: 'Bytes are not the one canonical CBOR encoding this project accepts.',
  ERR_DISPOSED: 'The object was used after dispose().',
  ERR_UNKNOWN_METHOD: 'The method is not in the method table of this version.',
  ERR_BUSY: 'A queue is full; the call was not started and may be repeated later.',
  ERR_INTERNAL: 'A fault of this project inside the enclave; details stay there on purpose.',
} as const;
