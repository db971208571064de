/**
 * The one place where a blob's key is derived, checked and used. Sealing starts with a header and gives a cipher for
 * the chunks; opening starts with the header that came and gives the same cipher, once key, header, AAD and name are
 * what they should be.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { TeeError } from '@neo-service-layer/tee-interface';
import { type Aead, aeadLengths, requireNoTables } from '../aead/aead.ts';
import { nodeAes256Gcm, nodeChaCha20Poly1305 } from '../aead/node-aead.ts';
import { publicSha256 } from '../crypto/digest.ts';
import { itemHead, joinBytes } from '../format/cbor-items.ts';
import type { SealEnvelope } from '../format/envelope.ts';
import { chunkNonce, headerLimits, type SealHeader } from '../format/header.ts';
import { encodeBareHeader, withCommitment } from '../format/header-codec.ts';
import { isText } from '../format/text.ts';
import type { BlobKeys } from '../keys/blob-keys.ts';
import { deriveBlobKey } from '../keys/key-schedule.ts';
import { nameMismatch, tampered } from './refusal.ts';

/** What sealing and opening are done with, beside the keys. */
export interface CipherOptions {
  /** Seals, and opens blobs of its algorithm. Default {@link nodeAes256Gcm}. */
  aead?: Aead | undefined;
  /** Source of salts; must be unpredictable. Default node:crypto. */
  rng?: ((length: number) => Uint8Array) | undefined;
  /**
   * Plaintext bytes of a chunk, 64 to 1048576. Default: 65536, and 1048576 for data of known length beyond that, where the
   * set-up of each chunk's cipher is a good part of the work. Reading at a random place opens whole chunks.
   */
  chunkSize?: number | undefined;
  /** Accept a table-based AES. For tools and tests outside an enclave only: see {@link requireNoTables}. */
  allowTableAes?: boolean | undefined;
}

/** What a blob is bound to. */
export interface BlobBinding {
  /** What the data is called, at most 512 characters. Opening under another name fails, so the host cannot swap two blobs. */
  name?: string | undefined;
  /** Bytes that must be given again to open; not stored. */
  aad?: Uint8Array | undefined;
}

/** Seals and opens the chunks of one blob. */
export interface BlobCipher {
  readonly header: SealHeader;
  sealChunk(index: number, isLast: boolean, plaintext: Uint8Array, into: Uint8Array): void;
  /** False when the chunk was changed, moved or is not (or is) the last one; `into` is all zeros then. */
  openChunk(index: number, isLast: boolean, sealed: Uint8Array, into: Uint8Array): boolean;
  /** Wipes the key. */
  close(): void;
}

/** Makes {@link BlobCipher}s. */
export class BlobCiphers {
  readonly #keys: BlobKeys;
  readonly #aead: Aead;
  readonly #openers: readonly Aead[];
  readonly #rng: (length: number) => Uint8Array;
  readonly #chunkSize: number | null;
  #salts = 0;
  /** Random bytes for the next salts: one draw for many, which is most of its cost. */
  #pool: Uint8Array = noBytes;

  constructor(keys: BlobKeys, options: CipherOptions = {}) {
    this.#keys = keys;
    this.#aead = options.aead ?? nodeAes256Gcm;
    requireNoTables(this.#aead, options);
    this.#openers = [this.#aead, nodeAes256Gcm, nodeChaCha20Poly1305];
    this.#rng = options.rng ?? randomBytes;
    this.#chunkSize = options.chunkSize ?? null;
    const { minChunkSize, maxChunkSize } = headerLimits;
    if (this.#chunkSize !== null && !(this.#chunkSize >= minChunkSize && this.#chunkSize <= maxChunkSize)) {
      throw new TeeError('ERR_INVALID_ARGUMENT', 'A chunk has 64 to 1048576 bytes.', { actual: `${this.#chunkSize}` });
    }
  }

  /** Starts a blob. @throws {TeeError} ERR_INVALID_ARGUMENT for a name that is too long */
  async startSealing(
    binding: BlobBinding & { epoch?: number | undefined },
    plaintextLength: number | null,
  ): Promise<{ protectedBytes: Uint8Array; cipher: BlobCipher }> {
    const name = binding.name ?? '';
    if (name.length > headerLimits.nameLength || !isText(name)) {
      const most = headerLimits.nameLength;
      throw new TeeError('ERR_INVALID_ARGUMENT', `A seal name is text of at most ${most} characters.`);
    }
    const { secret, recipient } = await this.#keys.forSealing();
    const header: SealHeader = {
      coseAlg: this.#aead.coseAlg,
      recipient,
      salt: this.#salt(),
      name,
      epoch: binding.epoch ?? null,
      chunkSize: this.#chunkSize ?? defaultChunkSize(plaintextLength),
      plaintextLength,
    };
    const bareHeader = encodeBareHeader(header);
    const { key, commitment } = deriveBlobKey(secret, publicSha256(bareHeader), binding.aad);
    const protectedBytes = withCommitment(bareHeader, commitment);
    return { protectedBytes, cipher: blobCipher(this.#aead, header, key, protectedBytes, binding.aad) };
  }

  /**
   * Starts opening a blob: everything but its chunks is authentic when this returns.
   * @throws {TeeError} whatever {@link BlobKeys.forOpening} says, ERR_SEAL_TAMPERED, ERR_SEAL_NAME_MISMATCH
   */
  async startOpening(
    envelope: Omit<SealEnvelope, 'body'>,
    binding: BlobBinding,
  ): Promise<{ cipher: BlobCipher; resealNeeded: boolean }> {
    const { header, commitment, bareHeader, protectedBytes } = envelope;
    const aead = this.#openers.find(({ coseAlg }) => coseAlg === header.coseAlg) ?? this.#aead;
    const { secret, resealNeeded } = await this.#keys.forOpening(header);
    const blobKey = deriveBlobKey(secret, publicSha256(bareHeader), binding.aad);
    if (!timingSafeEqual(blobKey.commitment, commitment)) {
      throw tampered('a header that does not fit its key commitment');
    }
    const wanted = binding.name ?? '';
    if (header.name !== wanted) throw nameMismatch(wanted, header.name);
    return { cipher: blobCipher(aead, header, blobKey.key, protectedBytes, binding.aad), resealNeeded };
  }

  /** 24 random bytes and a counter, so that a random source that repeats itself within a boot does not repeat a key. */
  #salt(): Uint8Array {
    if (this.#pool.length < saltRandomBytes) this.#pool = Uint8Array.from(this.#rng(saltRandomBytes * 64));
    const salt = new Uint8Array(32);
    salt.set(this.#pool.subarray(0, saltRandomBytes), 0);
    this.#pool = this.#pool.subarray(saltRandomBytes);
    this.#salts += 1;
    new DataView(salt.buffer).setFloat64(saltRandomBytes, this.#salts);
    return salt;
  }
}

/** Small chunks where a reader may want a part, or nobody knows how much there will be; large ones for large data. */
function defaultChunkSize(plaintextLength: number | null): number {
  return plaintextLength !== null && plaintextLength > headerLimits.maxChunkSize ? headerLimits.maxChunkSize : 65536;
}

const saltRandomBytes = 24;
const noBytes = new Uint8Array();
// An array of three, and the text "Encrypt0" in it.
const encryptZero = Uint8Array.of(0x83, 0x68, ...new TextEncoder().encode('Encrypt0'));

function blobCipher(
  aead: Aead,
  header: SealHeader,
  key: Uint8Array,
  protectedBytes: Uint8Array,
  aad: Uint8Array = noBytes,
): BlobCipher {
  // RFC 9052 §5.3, Enc_structure, so that a blob of one chunk is a plain COSE_Encrypt0. The key is bound to the same
  // bytes, and with it every chunk.
  const firstAad = joinBytes(
    encryptZero,
    itemHead(2, protectedBytes.length),
    protectedBytes,
    itemHead(2, aad.length),
    aad,
  );
  const aadOf = (index: number) => (index === 0 ? firstAad : noBytes);
  return {
    header,
    sealChunk: (index, isLast, plaintext, into) => {
      if (index > 0xffff_ffff) throw new TeeError('ERR_SEAL_TOO_LARGE', 'A blob has at most 2^32 chunks.');
      aead.seal(key, chunkNonce(index, isLast), aadOf(index), plaintext, into);
    },
    openChunk: (index, isLast, sealed, into) =>
      index <= 0xffff_ffff &&
      sealed.length >= aeadLengths.tag &&
      aead.open(key, chunkNonce(index, isLast), aadOf(index), sealed, into),
    close: () => void key.fill(0),
  };
}
