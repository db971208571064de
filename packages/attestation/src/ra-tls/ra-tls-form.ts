/**
 * The forms of evidence that are verified, the one that binds most first:
 * - `dice`: CCC Interoperable RA-TLS (Gramine 1.5, rats-tls, Intel SGX SDK): quote and claims; the only one with a nonce.
 * - `legacy-quote`: Intel's white paper and old Gramine: a quote with the hash of the key.
 * - `open-enclave-report`: Open Enclave and EGo: a quote behind a header of 16 bytes, with the hash of the key.
 * - `open-enclave-quote`: the same without the header, as Microsoft Azure Attestation's signing certificates have it; no
 *   real one was at hand to check by which of the two hashes they commit to their key, so either is taken.
 */
export const raTlsForms = ['dice', 'legacy-quote', 'open-enclave-report', 'open-enclave-quote'] as const;

/** One of {@link raTlsForms}. */
export type RaTlsForm = (typeof raTlsForms)[number];
