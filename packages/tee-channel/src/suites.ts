import type { CipherSuite } from 'hpke';
import { channelCrypto } from '#crypto';

/** Version of the protocol in this package. */
export const protocolVersion = 1;

/** Cipher suites by the number that stands in messages. */
export const suites = {
  /** DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
  x25519Aes256Gcm: 1,
  /** MLKEM768-X25519 (0x647a), HKDF-SHA256, AES-256-GCM. */
  mlkem768X25519Aes256Gcm: 2,
} as const;

/** A cipher suite that an end speaks. */
export interface Suite {
  /** Of {@link suites}. */
  readonly id: number;
  /** Its KEM with HKDF-SHA256, export only (RFC 9180). */
  readonly hpke: CipherSuite;
  /** Bytes of the KEM's public keys and encapsulated secrets. */
  readonly kemKeyLength: number;
  readonly encLength: number;
}

/** The suite that every end speaks. */
export const classicSuite: Suite = {
  id: suites.x25519Aes256Gcm,
  hpke: channelCrypto.hpke,
  kemKeyLength: 32,
  encLength: 32,
};
