/** Object identifiers that verification meets (RFC 5280, RFC 5480, RFC 5758, Intel SGX PCK Certificate and CRL Profile). */
export const oids = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  ecPublicKey: '1.2.840.10045.2.1',
  prime256v1: '1.2.840.10045.3.1.7',
  commonName: '2.5.4.3',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  crlReason: '2.5.29.21',
  sgxExtensions: '1.2.840.113741.1.13.1',
} as const;

/**
 * The critical extension by which a root certificate says that it is simulated. Any verifier that does not know it
 * must refuse the certificate (RFC 5280 §4.2); ours accepts it on a trust anchor only, and then calls everything that
 * rests on that anchor `simulation`.
 */
export const simulationMarkerOid = '1.3.6.1.4.1.59999.7.1';
