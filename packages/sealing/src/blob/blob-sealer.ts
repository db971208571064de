import { TeeError } from '@neo-service-layer/tee-interface';
import { encodePrefix, parseEnvelope, parsePrefix, truncated } from '../format/envelope.ts';
import { malformed, type SealHeader } from '../format/header.ts';
import type { BlobKeys } from '../keys/blob-keys.ts';
import { type BlobBinding, BlobCiphers, type CipherOptions } from './blob-cipher.ts';
import { bodyLengthOf, openBody, sealBody } from './body.ts';
import { openingStream } from './opening-stream.ts';
import { requireRoom } from './room.ts';
import { type ByteSource, SealedReader } from './sealed-reader.ts';
import { sealingStream } from './sealing-stream.ts';

/** Largest plaintext of one seal operation in memory; what is larger goes through a stream. */
export const maxSealBytes: number = 16 * 1024 * 1024;

/** What a new blob is bound to. */
export interface BlobSealOptions extends BlobBinding {
  /** Version of the data under its name, 0 to 2^32-1; given back by opening. Whoever counts versions compares it. */
  epoch?: number | undefined;
}

/** Where a result goes. */
export interface ResultOptions {
  /**
   * Memory for the result, which is then a part of it: for many large blobs one after the other, since fresh memory costs
   * more than the cipher. Must be large enough and apart from the data. All zeros where opening fails half way.
   */
  into?: Uint8Array<ArrayBuffer> | undefined;
}

/** An opened blob. Says nothing about freshness: an older blob of the same name opens just as well. */
export interface OpenedBlob {
  data: Uint8Array<ArrayBuffer>;
  name: string;
  epoch: number | null;
  /** Whose key it was. */
  recipient: SealHeader['recipient'];
  /** True when new data would be sealed under a newer key or security version: seal this again. */
  resealNeeded: boolean;
}

/**
 * Seals and opens blobs of tee-seal/1 under keys of one kind: in memory, as a stream, with a detached body, or at
 * random places.
 *
 * Guarantees: a blob opens only with its key, name and AAD; any changed, missing, added or moved byte is refused. Does
 * not guarantee freshness, and does not hide the name, the length or the time of change.
 */
export class BlobSealer {
  readonly #ciphers: BlobCiphers;

  /** @throws {TeeError} ERR_SEAL_TABLE_AES, ERR_INVALID_ARGUMENT */
  constructor(keys: BlobKeys, options: CipherOptions = {}) {
    this.#ciphers = new BlobCiphers(keys, options);
  }

  /** Seals into one blob. @throws {TeeError} ERR_SEAL_TOO_LARGE beyond {@link maxSealBytes}, ERR_INVALID_ARGUMENT */
  async seal(data: Uint8Array, options: BlobSealOptions & ResultOptions = {}): Promise<Uint8Array> {
    const { protectedBytes, cipher } = await this.#startSealing(data, options);
    const bodyLength = bodyLengthOf(data.length, cipher.header.chunkSize);
    const prefix = encodePrefix(protectedBytes, bodyLength);
    const blob = requireRoom(prefix.length + bodyLength, data, options.into);
    blob.set(prefix, 0);
    sealBody(cipher, data, blob.subarray(prefix.length));
    return blob;
  }

  /** Seals into an envelope and a body that are kept apart. One after the other they are a blob as well. */
  async sealDetached(
    data: Uint8Array,
    options: BlobSealOptions = {},
  ): Promise<{ envelope: Uint8Array; body: Uint8Array }> {
    const { protectedBytes, cipher } = await this.#startSealing(data, options);
    const body = new Uint8Array(bodyLengthOf(data.length, cipher.header.chunkSize));
    sealBody(cipher, data, body);
    return { envelope: encodePrefix(protectedBytes, null), body };
  }

  /**
   * Opens a blob, with its body in it or behind it. The order of the checks is that of docs/tee-seal.md.
   * @throws {TeeError} ERR_SEAL_FORMAT, ERR_SEAL_TRUNCATED, ERR_SEAL_KEY_MISMATCH, ERR_SEAL_SVN_TOO_NEW,
   *   ERR_SEAL_SVN_BELOW_FLOOR, ERR_SEAL_GENERATION_DESTROYED, ERR_SEAL_TAMPERED, ERR_SEAL_NAME_MISMATCH
   */
  async open(blob: Uint8Array, binding: BlobBinding & ResultOptions = {}): Promise<OpenedBlob> {
    const envelope = parseEnvelope(blob);
    const { cipher, resealNeeded } = await this.#ciphers.startOpening(envelope, binding);
    try {
      const { name, epoch, recipient } = cipher.header;
      return { data: openBody(cipher, envelope.body, binding.into), name, epoch, recipient, resealNeeded };
    } finally {
      cipher.close();
    }
  }

  /** Opens what {@link BlobSealer.sealDetached} made. @throws {TeeError} as {@link BlobSealer.open} */
  async openDetached(envelope: Uint8Array, body: Uint8Array, binding: BlobBinding = {}): Promise<OpenedBlob> {
    const prefix = parsePrefix(envelope);
    if (prefix === null) throw truncated('a whole envelope', `${envelope.length} bytes`);
    if (prefix.bodyLength !== null || prefix.length !== envelope.length) {
      throw malformed('the envelope', 'one with a detached body and nothing behind it');
    }
    return this.open(Buffer.concat([envelope, body]), binding);
  }

  /** A stream that seals what goes through it, in constant memory. It starts with the envelope; the body is detached. */
  sealStream(options: BlobSealOptions = {}): TransformStream<Uint8Array, Uint8Array> {
    return sealingStream(() => this.#ciphers.startSealing(options, null));
  }

  /**
   * A stream that opens what goes through it, in constant memory. Each chunk that comes out is authentic and in its
   * place, but that nothing was cut off is known only when the stream ends: it fails with ERR_SEAL_TRUNCATED then. Act
   * on nothing before.
   */
  openStream(binding: BlobBinding = {}): TransformStream<Uint8Array, Uint8Array> {
    return openingStream((prefix) => this.#ciphers.startOpening(prefix, binding));
  }

  /** Opens a blob for reading at random places; reads only the chunks that are asked for. @throws {TeeError} as {@link BlobSealer.open} */
  openAt(source: ByteSource, binding: BlobBinding = {}): Promise<SealedReader> {
    return SealedReader.open(source, (prefix) => this.#ciphers.startOpening(prefix, binding));
  }

  #startSealing(data: Uint8Array, options: BlobSealOptions) {
    if (data.length > maxSealBytes) {
      throw new TeeError('ERR_SEAL_TOO_LARGE', 'The data is too large to seal in one piece.', {
        expected: `at most ${maxSealBytes} bytes`,
        actual: `${data.length} bytes`,
        hint: 'Seal it as a stream.',
      });
    }
    return this.#ciphers.startSealing(options, data.length);
  }
}
