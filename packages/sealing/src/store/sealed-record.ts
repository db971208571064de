/**
 * The bytes of a stored value on the host (docs/tee-seal.md, "Records"): a head of fixed length, the ciphertext, the tag.
 * A store has many small values, so a record is not an envelope of its own: it names its key by generation and salt.
 */
import { TeeError } from '@neo-service-layer/tee-interface';
import { aeadLengths } from '../aead/aead.ts';
import { truncated } from '../format/envelope.ts';

/** What stands before the ciphertext. Nothing of it is authenticated until the record is opened. */
export interface RecordHead {
  /** As in the header of a blob. */
  coseAlg: 3 | 24;
  /** Generation of the keyring. */
  generation: number;
  /** The commit that wrote the value, 1 to 2^32-1. */
  epoch: number;
  /** Number of the record under its key: the nonce. */
  counter: number;
  /** Bytes of plaintext. */
  length: number;
  /** 16 bytes: which entry of which namespace it is (a keyed hash). */
  id: Uint8Array;
  /** 32 bytes: with the generation, the key. */
  salt: Uint8Array;
}

/** Bytes before the ciphertext. */
export const recordHeadBytes = 66;

const version = 1;

/** Bytes of a record. */
export function recordLength(plaintextLength: number): number {
  return recordHeadBytes + plaintextLength + aeadLengths.tag;
}

/** Writes the head of a record at its start. */
export function writeRecordHead(record: Buffer, head: RecordHead): void {
  record[0] = version;
  record[1] = head.coseAlg;
  record.writeUInt32BE(head.generation, 2);
  record.writeUInt32BE(head.epoch, 6);
  record.writeUInt32BE(head.counter, 10);
  record.writeUInt32BE(head.length, 14);
  record.set(head.id, 18);
  record.set(head.salt, 34);
}

/** Reads the head of a whole record; views, nothing copied. @throws {TeeError} ERR_SEAL_FORMAT, ERR_SEAL_TRUNCATED */
export function parseRecordHead(bytes: Uint8Array): RecordHead {
  if (bytes.length > 0 && bytes[0] !== version) throw malformedRecord(`version ${version}`);
  if (bytes.length < recordHeadBytes) throw truncated('a whole record', `${bytes.length} bytes`);
  const coseAlg = bytes[1];
  if (coseAlg !== 3 && coseAlg !== 24) throw malformedRecord('the algorithm 3 or 24');
  const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = record.readUInt32BE(14);
  const expected = recordLength(length);
  if (bytes.length < expected) throw truncated(`a record of ${expected} bytes`, `${bytes.length} bytes`);
  if (bytes.length > expected) throw malformedRecord('nothing behind its end');
  return {
    coseAlg,
    generation: record.readUInt32BE(2),
    epoch: record.readUInt32BE(6),
    counter: record.readUInt32BE(10),
    length,
    id: record.subarray(18, 34),
    salt: record.subarray(34, recordHeadBytes),
  };
}

function malformedRecord(expected: string): TeeError {
  return new TeeError('ERR_SEAL_FORMAT', 'The bytes are not a record of a sealed store.', {
    expected,
    hint: 'The host delivered other bytes than it was given: restore the whole store from one moment.',
  });
}
