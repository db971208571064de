/** Codes of parsing, verifying and appraising evidence. */
export const attestationErrors = {
  // Misuse by the caller: thrown, never part of a verdict.
  ERR_CLOCK: 'The time given to a verification is not a finite number of seconds.',
  ERR_TRUST_ANCHOR: 'A trust anchor is not a P-256 CA certificate, or the list of anchors is empty.',
  ERR_POLICY_FORMAT: 'The policy has a member that is unknown or of the wrong shape.',
  ERR_POLICY_EMPTY: 'The policy pins no identity and does not say anyEnclave: it would accept everything.',

  // The quote.
  ERR_QUOTE_FORMAT: 'The bytes are not a quote of a supported version, or a length in it points outside of it.',
  ERR_QUOTE_UNSUPPORTED: 'A quote of a version, attestation key type or quoting enclave vendor that is not supported.',
  ERR_QUOTE_SIGNATURE: 'The attestation key did not sign this quote.',
  ERR_QE_REPORT_SIGNATURE: 'The PCK certificate did not sign the report of the quoting enclave.',
  ERR_QE_REPORT_DATA: 'The quoting enclave did not vouch for the attestation key.',
  ERR_PCK_MISSING: 'The quote carries no PCK certificate and the collateral brings none.',
  ERR_PCK_EXTENSION: 'The SGX extension of the PCK certificate is missing or malformed.',

  // Certificates and revocation lists.
  ERR_CERT_FORMAT: 'The bytes are not a certificate in strict DER.',
  ERR_CERT_CHAIN: 'The certificates form no chain: a name, a CA flag, a key usage or a role is wrong.',
  ERR_CERT_SIGNATURE: 'A certificate was not signed by its issuer.',
  ERR_CERT_UNTRUSTED_ROOT: 'The chain does not end at a trust anchor.',
  ERR_CERT_EXTENSION: 'A certificate has a critical extension that is not understood.',
  ERR_CERT_EXPIRED: 'A certificate has expired.',
  ERR_CERT_NOT_YET_VALID: 'A certificate is not valid yet.',
  ERR_CERT_REVOKED: 'A certificate is on the revocation list of its issuer.',
  ERR_CRL_MISSING: 'A revocation list is required and absent.',
  ERR_CRL_FORMAT: 'The bytes are not a revocation list in strict DER.',
  ERR_CRL_ISSUER: 'The revocation list was issued by another CA than the certificate.',
  ERR_CRL_SIGNATURE: 'The revocation list was not signed by its issuer.',
  ERR_CRL_EXPIRED: 'The revocation list is past its next update.',
  ERR_CRL_NOT_YET_VALID: 'The revocation list is from the future.',

  // Signed collateral.
  ERR_COLLATERAL_FORMAT: 'A part of the collateral is missing or in no container that is understood.',
  ERR_TCB_INFO_FORMAT: 'The TCB info is not strict JSON of a known version.',
  ERR_TCB_INFO_SIGNATURE: 'The TCB info was not signed by the TCB signing certificate.',
  ERR_TCB_INFO_EXPIRED: 'The TCB info is past its next update.',
  ERR_TCB_INFO_NOT_YET_VALID: 'The TCB info is from the future.',
  ERR_TCB_INFO_MISMATCH: 'The TCB info is of another TEE, FMSPC or PCE than the quote.',
  ERR_TCB_LEVEL_NOT_FOUND: 'The platform is below every level that the TCB info knows.',
  ERR_QE_IDENTITY_FORMAT: 'The QE identity is not strict JSON of a known version.',
  ERR_QE_IDENTITY_SIGNATURE: 'The QE identity was not signed by the TCB signing certificate.',
  ERR_QE_IDENTITY_EXPIRED: 'The QE identity is past its next update.',
  ERR_QE_IDENTITY_NOT_YET_VALID: 'The QE identity is from the future.',
  ERR_QE_IDENTITY_MISMATCH: 'The quoting enclave is not the one that the QE identity describes.',
  ERR_TDX_MODULE_MISMATCH: 'The TDX module is not signed by Intel, or of a version the TCB info does not know.',

  // RA-TLS: evidence inside a TLS certificate.
  ERR_RATLS_NO_EVIDENCE: 'The certificate carries no evidence: it is an ordinary one.',
  ERR_RATLS_FORMAT: 'Evidence, claims or endorsements in the certificate are malformed.',
  ERR_RATLS_UNSUPPORTED: 'The evidence in the certificate is of a kind that is known but not supported.',
  ERR_RATLS_FORM: 'The certificate carries its evidence in a form that the caller does not accept.',
  ERR_RATLS_KEY: 'The key or the signature algorithm of the certificate is not supported.',
  ERR_RATLS_SIGNATURE: 'The certificate was not signed by its own key.',
  ERR_RATLS_BINDING: 'The quote does not commit to the key of the certificate.',
  ERR_RATLS_NONCE: 'The certificate does not carry the nonce that was asked for.',
  ERR_RATLS_ENDORSEMENTS: 'The collateral was to come out of the certificate, which carries none.',
  ERR_RATLS_HANDSHAKE: 'No TLS 1.3 connection with a certificate of the other end and a fresh handshake came about.',
  ERR_RATLS_TIMEOUT: 'The connection was not made and verified within the time allowed.',
  ERR_RATLS_ABORTED: 'The caller gave the connection up before it was verified.',

  // The collateral service and its cache: thrown, never part of a verdict.
  ERR_COLLATERAL_UNREACHABLE:
    'The collateral service gave no whole answer in time; what is cached is too old or absent.',
  ERR_COLLATERAL_REFUSED: 'The collateral service answered with another status than 200.',
  ERR_COLLATERAL_MALFORMED: 'The collateral service answered with something that is not the collateral asked for.',
  ERR_COLLATERAL_EXPIRED: 'The collateral service answered with collateral that is not valid at this time.',
  ERR_COLLATERAL_ROLLBACK: 'The collateral service answered with older collateral than it did before.',
  ERR_COLLATERAL_CACHE: 'The cache of collateral could not be read or written, or held something else.',

  // Documents of evidence.
  ERR_EVIDENCE_LABEL: 'The claims of the evidence are for another purpose than the one asked for.',

  // Appraisal: the evidence is genuine but not what the policy wants.
  ERR_SIMULATION_NOT_ALLOWED: 'The evidence comes from a simulated platform; the policy does not allow simulation.',
  ERR_DEBUG_NOT_ALLOWED: 'The enclave or TD can be debugged from outside; the policy does not allow debug.',
  ERR_TEE_NOT_ALLOWED: 'The policy describes another kind of TEE than the quote.',
  ERR_TCB_STATUS: 'The policy does not accept the TCB status.',
  ERR_TCB_DATE: 'The TCB level is older than the policy accepts.',
  ERR_TCB_EVALUATION_NUMBER: 'The collateral has a lower TCB evaluation data number than the policy accepts.',
  ERR_ADVISORY_NOT_ACKNOWLEDGED: 'An advisory applies that the policy does not acknowledge.',
  ERR_MRENCLAVE_MISMATCH: 'MRENCLAVE is not one of those the policy names.',
  ERR_MRSIGNER_MISMATCH: 'MRSIGNER is not one of those the policy names.',
  ERR_ISV_PROD_ID_MISMATCH: 'ISVPRODID is not the one the policy names.',
  ERR_ISV_SVN_TOO_LOW: 'ISVSVN is lower than the policy accepts.',
  ERR_ATTRIBUTES_MISMATCH: 'ATTRIBUTES, XFRM or MISCSELECT under the mask of the policy differ.',
  ERR_REPORT_DATA_MISMATCH: 'The report data is not what the policy names.',
  ERR_CONFIGURATION_MISMATCH: 'CONFIGID, CONFIGSVN, ISVFAMILYID or ISVEXTPRODID is not what the policy names.',
  ERR_FMSPC_NOT_ALLOWED: 'The platform type (FMSPC) is not allowed by the policy.',
  ERR_PPID_NOT_ALLOWED: 'The platform (PPID or instance id) is not on the list of the policy.',
  ERR_TD_MEASUREMENT_MISMATCH: 'A measurement of the TD is not what the policy names.',
} as const;
