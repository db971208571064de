/**
 * Object identifiers of the extensions in which RA-TLS certificates carry evidence (attestation reference §5; CCC
 * Interoperable RA-TLS; Open Enclave attested TLS).
 */
export const evidenceOids = {
  /** tcg-dice-tagged-evidence (also called tcg-dice-conceptual-message-wrapper). */
  diceEvidence: '2.23.133.5.4.9',
  /** tcg-dice-endorsement-manifest. */
  diceEndorsements: '2.23.133.5.4.2',
  /** Of Intel's white paper and of Gramine before 1.5. */
  legacy: '1.2.840.113741.1337.6',
  /** The same as old versions of Gramine wrote it: tag and length encoded once more as if they were arcs. */
  legacyMisencoded: '0.6.9.42.840.113741.1337.6',
  /** Of the Intel SGX SDK. The same OID stands for the SGX extensions of PCK certificates, which are no evidence. */
  intelSdk: '1.2.840.113741.1.13.1',
  openEnclaveReportOld: '1.2.840.113556.10.1.1',
  openEnclaveReport: '1.3.6.1.4.1.311.105.1',
  openEnclaveEvidenceOld: '1.2.840.113556.10.1.2',
  openEnclaveEvidence: '1.3.6.1.4.1.311.105.2',
} as const;
