/** Codes of driving occlum (or occlum-sim), of the device, and of the enclave's life. */
export const occlumErrors = {
  ERR_OCCLUM_NOT_FOUND: 'No occlum executable: neither OCCLUM_PATH nor PATH has it, and simulation was not asked for.',
  ERR_ENCLAVE_LOST: 'The enclave process ended while it was needed.',
  ERR_ENCLAVE_START: 'The enclave did not come up.',
} as const;
