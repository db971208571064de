import { TeeError } from '@neo-service-layer/tee-interface';
import { aeadLengths } from '../aead/aead.ts';
import { type EnvelopePrefix, maxPrefixBytes, parsePrefix, requireWholeBody, truncated } from '../format/envelope.ts';
import { lastChunk } from '../format/header.ts';
import type { BlobCipher } from './blob-cipher.ts';
import { chunkRefused, requireLength } from './body.ts';

/** Sealed bytes that can be read at any place: a file, a blob in memory, a range of an HTTP resource. Untrusted. */
export interface ByteSource {
  /** Bytes there are. */
  size: number;
  /** The bytes from `offset`, exactly `length` of them. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/**
 * Reads an open blob at any place. Each read opens just the chunks that it touches; each is authentic, in its place, and
 * of this blob. That nothing was cut off is known before the first read: from the header, or from the last chunk.
 */
export class SealedReader {
  readonly #source: ByteSource;
  readonly #cipher: BlobCipher;
  readonly #start: number;
  /** Plaintext bytes. */
  readonly size: number;

  private constructor(source: ByteSource, cipher: BlobCipher, start: number, size: number) {
    this.#source = source;
    this.#cipher = cipher;
    this.#start = start;
    this.size = size;
  }

  /** Use {@link BlobSealer.openAt}. */
  static async open(
    source: ByteSource,
    start: (prefix: EnvelopePrefix) => Promise<{ cipher: BlobCipher }>,
  ): Promise<SealedReader> {
    const head = await readExactly(source, 0, Math.min(maxPrefixBytes, source.size));
    const prefix = parsePrefix(head);
    if (prefix === null) throw truncated('a whole header', `${head.length} bytes`);
    const bodyLength = source.size - prefix.length;
    requireWholeBody(prefix.bodyLength, bodyLength);
    const { cipher } = await start(prefix);
    requireLength(cipher, bodyLength);
    const sealedSize = cipher.header.chunkSize + aeadLengths.tag;
    const size = Math.max(bodyLength - Math.max(Math.ceil(bodyLength / sealedSize), 1) * aeadLengths.tag, 0);
    const reader = new SealedReader(source, cipher, prefix.length, size);
    // A stream does not say its length, so its end must prove that it is the end.
    if (cipher.header.plaintextLength === null) await reader.#chunk(lastChunk(size, cipher.header.chunkSize));
    return reader;
  }

  /**
   * The plaintext from `offset`: `length` bytes, or fewer where it ends.
   * @throws {TeeError} ERR_SEAL_TAMPERED, ERR_SEAL_TRUNCATED, ERR_INVALID_ARGUMENT
   */
  async read(offset: number, length: number): Promise<Uint8Array> {
    if (!(Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0)) {
      throw new TeeError('ERR_INVALID_ARGUMENT', 'Offset and length of a read are whole numbers from 0.');
    }
    const { chunkSize } = this.#cipher.header;
    const end = Math.min(offset + length, this.size);
    const out = new Uint8Array(Math.max(end - offset, 0));
    for (let at = offset; at < end; ) {
      const index = Math.floor(at / chunkSize);
      const chunk = await this.#chunk(index);
      const part = chunk.subarray(at - index * chunkSize, end - index * chunkSize);
      out.set(part, at - offset);
      at += part.length;
    }
    return out;
  }

  /** Wipes the key; no read works afterwards. */
  close(): void {
    this.#cipher.close();
  }

  async #chunk(index: number): Promise<Uint8Array> {
    const { chunkSize } = this.#cipher.header;
    const isLast = index === lastChunk(this.size, chunkSize);
    const length = (isLast ? this.size - index * chunkSize : chunkSize) + aeadLengths.tag;
    const sealed = await readExactly(this.#source, this.#start + index * (chunkSize + aeadLengths.tag), length);
    const plaintext = new Uint8Array(length - aeadLengths.tag);
    if (!this.#cipher.openChunk(index, isLast, sealed, plaintext)) {
      throw chunkRefused(this.#cipher, index, isLast, sealed);
    }
    return plaintext;
  }
}

async function readExactly(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  const bytes = await source.read(offset, length);
  if (bytes.length < length) throw truncated(`${length} bytes at offset ${offset}`, `${bytes.length} bytes`);
  return bytes.subarray(0, length);
}
