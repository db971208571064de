/** The body of a blob in memory: chunks of the plaintext, each with its tag (STREAM, docs/tee-seal.md). */
import type { TeeError } from '@neo-service-layer/tee-interface';
import { aeadLengths } from '../aead/aead.ts';
import { truncated } from '../format/envelope.ts';
import { lastChunk } from '../format/header.ts';
import type { BlobCipher } from './blob-cipher.ts';
import { tampered } from './refusal.ts';
import { requireRoom } from './room.ts';

/** Length of the body of this much data. */
export function bodyLengthOf(plaintextLength: number, chunkSize: number): number {
  return plaintextLength + (lastChunk(plaintextLength, chunkSize) + 1) * aeadLengths.tag;
}

/** Seals data chunk by chunk into `body`, which has the length that {@link bodyLengthOf} says, and wipes the key. */
export function sealBody(cipher: BlobCipher, data: Uint8Array, body: Uint8Array): void {
  const { chunkSize } = cipher.header;
  const last = lastChunk(data.length, chunkSize);
  for (let index = 0; index <= last; index += 1) {
    const chunk = data.subarray(index * chunkSize, (index + 1) * chunkSize);
    const at = index * (chunkSize + aeadLengths.tag);
    cipher.sealChunk(index, index === last, chunk, body.subarray(at, at + chunk.length + aeadLengths.tag));
  }
  cipher.close();
}

/** Opens a whole body. @throws {TeeError} ERR_SEAL_TRUNCATED, ERR_SEAL_TAMPERED, ERR_INVALID_ARGUMENT for no room in `into` */
export function openBody(
  cipher: BlobCipher,
  body: Uint8Array,
  into?: Uint8Array<ArrayBuffer> | undefined,
): Uint8Array<ArrayBuffer> {
  const { chunkSize, plaintextLength } = cipher.header;
  const sealedSize = chunkSize + aeadLengths.tag;
  const last = Math.max(Math.ceil(body.length / sealedSize), 1) - 1;
  requireLength(cipher, body.length);
  const length = body.length - (last + 1) * aeadLengths.tag;
  if (length < 0 || (plaintextLength !== null && plaintextLength !== length))
    throw tampered('a body of another length');
  // Every byte is written below, or all of them are on a refusal.
  const data = requireRoom(length, body, into);
  for (let index = 0; index <= last; index += 1) {
    const sealed = body.subarray(index * sealedSize, (index + 1) * sealedSize);
    const at = index * chunkSize;
    const chunk = data.subarray(at, at + Math.max(sealed.length - aeadLengths.tag, 0));
    if (cipher.openChunk(index, index === last, sealed, chunk)) continue;
    data.fill(0);
    throw chunkRefused(cipher, index, index === last, sealed);
  }
  return data;
}

/** Compares a body with the length in an authentic header. @throws {TeeError} ERR_SEAL_TRUNCATED */
export function requireLength({ header }: BlobCipher, bodyLength: number): void {
  if (header.plaintextLength === null) return;
  const expected = bodyLengthOf(header.plaintextLength, header.chunkSize);
  if (bodyLength < expected) throw truncated(`a body of ${expected} bytes`, `${bodyLength} bytes`);
  if (bodyLength > expected) throw tampered(`a body with ${bodyLength - expected} bytes too many`);
}

/** What a chunk that did not open means: one that opens as "not the last" at the end of the body lacks its successors. */
export function chunkRefused(cipher: BlobCipher, index: number, isLast: boolean, sealed: Uint8Array): TeeError {
  const scratch = new Uint8Array(Math.max(sealed.length - aeadLengths.tag, 0));
  const isWholeChunk = scratch.length === cipher.header.chunkSize;
  if (isLast && isWholeChunk && cipher.openChunk(index, false, sealed, scratch)) {
    scratch.fill(0);
    return truncated('a chunk marked as the last one', `an end after chunk ${index}`);
  }
  return tampered(`a body whose chunk ${index} does not authenticate`);
}
