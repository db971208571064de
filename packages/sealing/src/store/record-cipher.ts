import { randomBytes } from 'node:crypto';
import { type Aead, requireNoTables } from '../aead/aead.ts';
import { nodeAes256Gcm, nodeChaCha20Poly1305 } from '../aead/node-aead.ts';
import type { CipherOptions } from '../blob/blob-cipher.ts';
import { tampered } from '../blob/refusal.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { hkdfSha256 } from '../keys/key-schedule.ts';
import { parseRecordHead, recordHeadBytes, recordLength, writeRecordHead } from './sealed-record.ts';

/** A record that was opened: authentic, and the host may still have delivered it in the place of another. */
export interface OpenedRecord {
  id: Uint8Array;
  epoch: number;
  plaintext: Uint8Array;
  /** True when an older generation of the keyring sealed it. */
  resealNeeded: boolean;
}

/** A key that seals records: drawn for one generation by one cipher, used for a bounded number of them. */
interface SealingSalt {
  generation: number;
  salt: Uint8Array;
  key: Uint8Array;
  counter: number;
  bytes: number;
}

const keyInfo = new TextEncoder().encode('tee-seal/1 records');
/** What one key may seal: far below what AES-256-GCM and ChaCha20-Poly1305 allow, and the counter has 32 bits. */
const recordKeyLimits = { records: 2 ** 32, bytes: 2 ** 38 };
const mostOpeningKeys = 256;
// Mixed into every salt, so that a random source that repeats itself within a process does not repeat a key.
let saltsDrawn = 0;

/**
 * Seals and opens the records of a store. A key belongs to a random salt that no other cipher has, in this process or
 * any other, so its counter is a nonce that never repeats: also when the process dies, when a commit fails, and when the
 * host runs two enclaves on one store.
 */
export class RecordCipher {
  readonly #keyring: Keyring;
  readonly #aead: Aead;
  readonly #openers: readonly Aead[];
  readonly #rng: (length: number) => Uint8Array;
  readonly #openingKeys = new Map<string, Uint8Array>();
  #sealing: SealingSalt | null = null;
  readonly #limits: { records: number; bytes: number };
  readonly #nonce = Buffer.alloc(12);

  /** @param limits lower ones for tests. @throws {TeeError} ERR_SEAL_TABLE_AES */
  constructor(keyring: Keyring, options: CipherOptions = {}, limits = recordKeyLimits) {
    this.#limits = limits;
    this.#keyring = keyring;
    this.#aead = options.aead ?? nodeAes256Gcm;
    requireNoTables(this.#aead, options);
    this.#openers = [this.#aead, nodeAes256Gcm, nodeChaCha20Poly1305];
    this.#rng = options.rng ?? randomBytes;
  }

  /** Seals the value of an entry, written by the commit `epoch`, under the active generation. @param id 16 bytes */
  seal(id: Uint8Array, epoch: number, plaintext: Uint8Array): Uint8Array {
    const { generation, salt, key, counter } = this.#nextNonce(plaintext.length);
    const record = Buffer.allocUnsafe(recordLength(plaintext.length));
    const { coseAlg } = this.#aead;
    writeRecordHead(record, { coseAlg, generation, epoch, counter, length: plaintext.length, id, salt });
    const into = record.subarray(recordHeadBytes);
    this.#aead.seal(key, this.#nonceOf(counter), record.subarray(0, recordHeadBytes), plaintext, into);
    return record;
  }

  /**
   * Opens a record. Whether it is the one that was wanted is for the caller to say.
   * @throws {TeeError} ERR_SEAL_FORMAT, ERR_SEAL_TRUNCATED, ERR_SEAL_KEY_MISMATCH (no such generation),
   *   ERR_SEAL_GENERATION_DESTROYED, ERR_SEAL_TAMPERED
   */
  open(record: Uint8Array): OpenedRecord {
    const { coseAlg, generation, epoch, counter, length, id, salt } = parseRecordHead(record);
    const aead = this.#openers.find((candidate) => candidate.coseAlg === coseAlg) ?? this.#aead;
    // Asked every time: a key that was derived before must not outlive its generation.
    const { secret, resealNeeded } = this.#keyring.openingKey(generation);
    const key = this.#openingKey(secret, generation, salt);
    const plaintext = Buffer.allocUnsafe(length);
    const [head, sealed] = [record.subarray(0, recordHeadBytes), record.subarray(recordHeadBytes)];
    if (!aead.open(key, this.#nonceOf(counter), head, sealed, plaintext)) {
      throw tampered('a record that does not authenticate');
    }
    return { id, epoch, plaintext, resealNeeded };
  }

  #nextNonce(plaintextLength: number): SealingSalt {
    const { generation, key: secret } = this.#keyring.sealingKey();
    let sealing = this.#sealing;
    const isSpent =
      sealing === null ||
      sealing.generation !== generation ||
      sealing.counter + 1 >= this.#limits.records ||
      sealing.bytes + plaintextLength > this.#limits.bytes;
    if (sealing === null || isSpent) {
      sealing?.key.fill(0);
      const salt = this.#drawSalt();
      sealing = { generation, salt, key: deriveRecordKey(secret, salt), counter: -1, bytes: 0 };
      this.#sealing = sealing;
    }
    sealing.counter += 1;
    sealing.bytes += plaintextLength;
    return sealing;
  }

  /** 24 random bytes and the number of salts that this process has drawn. */
  #drawSalt(): Uint8Array {
    saltsDrawn += 1;
    const salt = Buffer.alloc(32);
    salt.set(this.#rng(24).subarray(0, 24), 0);
    salt.writeBigUInt64BE(BigInt(saltsDrawn), 24);
    return salt;
  }

  #openingKey(secret: Uint8Array, generation: number, salt: Uint8Array): Uint8Array {
    const sealing = this.#sealing;
    if (sealing?.generation === generation && Buffer.compare(sealing.salt, salt) === 0) return sealing.key;
    const place = `${generation}.${Buffer.from(salt.buffer, salt.byteOffset, salt.length).toString('latin1')}`;
    const known = this.#openingKeys.get(place);
    if (known) return known;
    const key = deriveRecordKey(secret, salt);
    // Bounded: the host chooses which records arrive.
    const oldest = this.#openingKeys.keys().next();
    if (this.#openingKeys.size >= mostOpeningKeys && !oldest.done) {
      this.#openingKeys.get(oldest.value)?.fill(0);
      this.#openingKeys.delete(oldest.value);
    }
    this.#openingKeys.set(place, key);
    return key;
  }

  /** Eight zero bytes and the counter, big endian. The buffer is the same every time. */
  #nonceOf(counter: number): Uint8Array {
    this.#nonce.writeUInt32BE(counter, 8);
    return this.#nonce;
  }
}

function deriveRecordKey(secret: Uint8Array, salt: Uint8Array): Uint8Array {
  return hkdfSha256(secret, salt, keyInfo, 32);
}
