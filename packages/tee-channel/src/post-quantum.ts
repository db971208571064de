/**
 * The suite against those who record now and have a quantum computer later: ML-KEM-768 (FIPS 203) and X25519 together
 * (MLKEM768-X25519 of draft-ietf-hpke-pq, 0x647a), so it holds as long as one of the two does. In JavaScript, and so about
 * ten times as dear for a new session; calls cost the same, but for 1 KiB more in each request. Loaded by whoever imports this.
 */
import { KEM_MLKEM768_X25519 } from '@panva/hpke-noble';
import { AEAD_EXPORT_ONLY, CipherSuite, KDF_HKDF_SHA256 } from 'hpke';
import { type Suite, suites } from './suites.ts';

/**
 * For `ChannelInitiator.open`, `TeeClient.connect` and `ChannelResponder`. A client that is given it speaks no other: an
 * enclave without it is refused, and there is nothing to be talked down to.
 */
export const postQuantumSuite: Suite = {
  id: suites.mlkem768X25519Aes256Gcm,
  hpke: new CipherSuite(KEM_MLKEM768_X25519, KDF_HKDF_SHA256, AEAD_EXPORT_ONLY),
  kemKeyLength: 1216,
  encLength: 1120,
};
