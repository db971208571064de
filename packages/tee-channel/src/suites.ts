import { AEAD_EXPORT_ONLY, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke';

/** Version of the protocol in this package. */
export const protocolVersion = 1;

/** Cipher suites by the number that stands in messages. */
export const suites = {
  /** DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
  x25519Aes256Gcm: 1,
} as const;

/**
 * HPKE (RFC 9180) used for what it is best at: a one-time key agreement whose key schedule binds the whole handshake
 * (`info`). Messages are not sealed with HPKE's own context, whose counter demands that they arrive in order; they are
 * sealed under exported keys with explicit sequence numbers, so independent calls may overlap on any transport.
 */
export const hpke: CipherSuite<CryptoKey> = new CipherSuite(
  KEM_DHKEM_X25519_HKDF_SHA256,
  KDF_HKDF_SHA256,
  AEAD_EXPORT_ONLY,
);

type CryptoKey = Awaited<ReturnType<ReturnType<typeof KEM_DHKEM_X25519_HKDF_SHA256>['DeserializePublicKey']>>;
/** A one-time key pair of the suite's KEM. */
export type KemKeyPair = Awaited<ReturnType<typeof hpke.GenerateKeyPair>>;
