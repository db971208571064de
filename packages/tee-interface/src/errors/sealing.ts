/** Codes of sealing and unsealing. */
export const sealingErrors = {
  ERR_SEAL_FORMAT: 'The bytes are not a tee-seal/1 envelope.',
  ERR_SEAL_TRUNCATED: 'The sealed bytes end before their end: the rest was cut off.',
  ERR_SEAL_KEY_MISMATCH:
    'The key this enclave derives is not the one the data was sealed with: another CPU, MRENCLAVE, MRSIGNER, product id, debug mode or keyring.',
  ERR_SEAL_TAMPERED: 'The key is right but the sealed bytes were changed.',
  ERR_SEAL_NAME_MISMATCH: 'The data was sealed under another name.',
  ERR_SEAL_SVN_TOO_NEW: 'The data was sealed by a newer security version than the one running.',
  ERR_SEAL_SVN_BELOW_FLOOR: 'The data was sealed at a security version that is no longer accepted.',
  ERR_SEAL_GENERATION_DESTROYED: 'The key generation that sealed the data was destroyed: nobody can open it any more.',
  ERR_SEAL_KEYRING_POLICY:
    'A saved keyring is not of the policy it must have, or not wrapped as its policy demands: another enclave may have planted it.',
  ERR_SEAL_TOO_LARGE: 'More bytes than one seal operation takes.',
  ERR_SEAL_TABLE_AES: 'A table-based cipher, which leaks its key to the host, was given where that is not allowed.',
  ERR_SEAL_ROLLBACK: 'The data is authentic but not what was last written: an older or another state was delivered.',
  ERR_SEAL_FRESHNESS_UNKNOWN:
    'Whether the data is what was last written cannot be told: the anchor does not answer or does not know.',
  ERR_SEAL_CONFLICT: 'Somebody else changed the entry since it was read; nothing was written.',
  ERR_SEAL_GRANT_REFUSED:
    'A keyring is not handed over or accepted: approval, evidence or recipient are not what they must be.',
} as const;
