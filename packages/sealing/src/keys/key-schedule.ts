/**
 * From the CPU's 128-bit key to the key of one blob. EGETKEY output never encrypts data: two requests give 256 bits,
 * HKDF binds them to the request (KEK), and HMAC over header and AAD gives each blob its own key, because a random salt
 * stands in the header, with a commitment that tells a wrong key from changed bytes.
 */
import { createHash, createHmac } from 'node:crypto';
import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import type { SealKeyRequest, SealKeySource } from './key-source.ts';

const one = Uint8Array.of(1);
const two = Uint8Array.of(2);

/** HKDF-SHA256 (RFC 5869). `length` at most 64 bytes here. Twice as fast as hkdfSync, which makes a key object each time. */
export function hkdfSha256(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const prk = createHmac('sha256', salt).update(ikm).digest();
  const first = createHmac('sha256', prk).update(info).update(one).digest();
  const out = new Uint8Array(length);
  out.set(first.subarray(0, length), 0);
  if (length > 32) {
    const second = createHmac('sha256', prk).update(first).update(info).update(two).digest();
    out.set(second.subarray(0, length - 32), 32);
    second.fill(0);
  }
  prk.fill(0);
  first.fill(0);
  return out;
}

/** HMAC-SHA256 of the parts behind one another. */
export function hmacSha256(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return new Uint8Array(hmac.digest());
}

/** SHA-256 of the parts behind one another. */
export function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** The key-encryption key of a request on this CPU for this enclave, with a value that identifies it without revealing it. */
export interface SealKek {
  key: Uint8Array;
  /** 16 bytes: equal for equal KEKs. Lets unseal say "another CPU or enclave" instead of "tampered". */
  keyCheck: Uint8Array;
}

/** Derives the KEK, or null when the CPU refuses the request. */
export async function deriveKek(source: SealKeySource, request: SealKeyRequest): Promise<SealKek | null> {
  const otherKeyId = Uint8Array.from(request.keyId);
  otherKeyId[31] = (otherKeyId[31] ?? 0) ^ 1;
  const low = await source.getKey(request);
  const high = await source.getKey({ ...request, keyId: otherKeyId });
  if (low === null || high === null) return null;
  const root = Buffer.concat([low, high]);
  const binding = encodeCanonical([
    'tee-seal/1 kek',
    request.policy,
    request.keyId,
    request.cpuSvn,
    request.isvSvn,
    request.configSvn,
  ]);
  const okm = hkdfSha256(root, new Uint8Array(32), binding, 48);
  for (const secret of [low, high, root]) secret.fill(0);
  return { key: okm.subarray(0, 32), keyCheck: okm.subarray(32) };
}

/** The key of one blob and the commitment to it. */
export interface BlobKey {
  key: Uint8Array;
  commitment: Uint8Array;
}

const noAadDigest = sha256(new Uint8Array());

/**
 * Derives a blob's key. Changing any byte of the header, in which the salt stands, or of the AAD gives another key and
 * another commitment. One HMAC-SHA512 and not HKDF: the secret is uniform already, so there is nothing to extract, and
 * the output has the 64 bytes that are needed. Its second half commits to the secret and to all that the key is bound to.
 *
 * @param headerDigest SHA-256 of the encoded header without its commitment
 */
export function deriveBlobKey(secret: Uint8Array, headerDigest: Uint8Array, aad: Uint8Array | undefined): BlobKey {
  const aadDigest = aad === undefined || aad.length === 0 ? noAadDigest : sha256(aad);
  const okm = createHmac('sha512', secret).update(blobInfo(headerDigest, aadDigest)).digest();
  return { key: okm.subarray(0, 32), commitment: okm.subarray(32) };
}

// CBOR["tee-seal/1", 32 bytes, 32 bytes], whose only parts that differ are the digests.
const infoHead = encodeCanonical(['tee-seal/1', new Uint8Array(32), new Uint8Array(32)]);
const aadDigestAt = infoHead.length - 32;
const headerDigestAt = aadDigestAt - 2 - 32;

function blobInfo(headerDigest: Uint8Array, aadDigest: Uint8Array): Uint8Array {
  const info = Buffer.from(infoHead);
  info.set(headerDigest, headerDigestAt);
  info.set(aadDigest, aadDigestAt);
  return info;
}
