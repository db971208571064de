/** Codes of sealing and unsealing. */
export const sealingErrors = {
  ERR_SEAL_FORMAT: 'The bytes are not a tee-seal/1 envelope.',
  ERR_SEAL_KEY_MISMATCH:
    'The key this enclave derives is not the one the data was sealed with: another CPU, MRENCLAVE, MRSIGNER, product id or debug mode.',
  ERR_SEAL_TAMPERED: 'The key is right but the sealed bytes were changed.',
  ERR_SEAL_NAME_MISMATCH: 'The data was sealed under another name.',
  ERR_SEAL_SVN_TOO_NEW: 'The data was sealed by a newer security version than the one running.',
  ERR_SEAL_TOO_LARGE: 'More bytes than one seal operation takes.',
} as const;
