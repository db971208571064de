/** Version of the protocol in this package. */
export const protocolVersion = 1;

/** Cipher suites by the number that stands in messages. */
export const suites = {
  /** DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
  x25519Aes256Gcm: 1,
} as const;
