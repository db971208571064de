import { channelCrypto } from '#crypto';
import type { SigningKey } from './crypto/contract.ts';

/** A new Ed25519 key pair whose private half cannot be read back. */
export function generateSigningKey(): Promise<SigningKey> {
  return channelCrypto.generateSigningKey();
}

/** The Ed25519 key pair of a seed (32 bytes, RFC 8032). @throws {TeeError} ERR_INVALID_ARGUMENT for another length */
export function importSigningKey(seed: Uint8Array): Promise<SigningKey> {
  return channelCrypto.importSigningKey(seed);
}
