/** Codes of execution receipts. */
export const receiptErrors = {
  ERR_RECEIPT_FORMAT: 'The bytes are not a receipt of an execution.',
  ERR_RECEIPT_SIGNATURE: 'The receipt was not signed by the enclave of this evidence.',
  ERR_RECEIPT_BOOT: 'The receipt is of another start or another configuration of the enclave than the evidence.',
  ERR_RECEIPT_CONTENT: 'The receipt is for another function, input, output or other secrets than these.',
  ERR_RECEIPT_COSIGNATURE: 'The co-signature is missing or not by the key that the receipt names.',
} as const;
