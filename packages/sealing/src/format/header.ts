/** What the protected header of a blob says (docs/tee-seal.md), and the rules about chunks that follow from it. */
import { TeeError } from '@neo-service-layer/tee-interface';
import type { SealPolicy } from '../keys/key-source.ts';

/** A blob sealed under the CPU's own key: what to ask EGETKEY for, and who sealed, as a hint for error messages. */
export interface DeviceRecipient {
  kind: 'device';
  /** 16 bytes: equal for equal key-encryption keys. */
  keyCheck: Uint8Array;
  policy: SealPolicy;
  keyId: Uint8Array;
  cpuSvn: Uint8Array;
  isvSvn: number;
  configSvn: number;
  /** Hex. */
  mrEnclave: string;
  /** Hex. */
  mrSigner: string;
}

/** A blob sealed under a generation of a keyring. */
export interface KeyringRecipient {
  kind: 'keyring';
  /** 16 bytes. */
  keyringId: Uint8Array;
  generation: number;
}

/** The protected header by name. */
export interface SealHeader {
  coseAlg: 3 | 24;
  recipient: DeviceRecipient | KeyringRecipient;
  /** 32 bytes. */
  salt: Uint8Array;
  name: string;
  /** Version of the data under its name, or null when nobody counts. */
  epoch: number | null;
  /** Plaintext bytes of each chunk but the last. */
  chunkSize: number;
  /** Null when the data was a stream whose length was not known when the header was written. */
  plaintextLength: number | null;
}

/** Bounds of a header that is accepted. */
export const headerLimits: {
  readonly headerBytes: number;
  readonly nameLength: number;
  readonly minChunkSize: number;
  readonly maxChunkSize: number;
} = { headerBytes: 4096, nameLength: 512, minChunkSize: 64, maxChunkSize: 1024 * 1024 };

/** A protected header taken apart. */
export interface ParsedHeader {
  header: SealHeader;
  /** 32 bytes. */
  commitment: Uint8Array;
  /** The header without the commitment, as `encodeBareHeader` made it when the blob was sealed. */
  bareHeader: Uint8Array;
}

/** The nonce of a chunk: seven zero bytes, its number (big endian), and 1 for the last chunk or 0. */
export function chunkNonce(index: number, isLast: boolean): Uint8Array {
  const nonce = new Uint8Array(12);
  nonce[7] = index >>> 24;
  nonce[8] = index >>> 16;
  nonce[9] = index >>> 8;
  nonce[10] = index;
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

/** The number of the last chunk: data without bytes is one empty chunk, and no other chunk is empty. */
export function lastChunk(plaintextLength: number, chunkSize: number): number {
  return Math.max(Math.ceil(plaintextLength / chunkSize), 1) - 1;
}

/** ERR_SEAL_FORMAT about one part. */
export function malformed(what: string, expected: string, cause?: unknown): TeeError {
  return new TeeError('ERR_SEAL_FORMAT', `Not a tee-seal/1 blob: ${what} is not ${expected}.`, {
    expected,
    hint: 'Check that these are the whole bytes that sealing gave.',
    cause,
  });
}
