/** Records of an append-only log: each holds the changes of one write, and a checksum that tells a torn one. */
import { createHash } from 'node:crypto';
import type { BlobChange } from '../store/host-blob-store.ts';

/** Bytes before the payload of a record: a mark, its length, a checksum. */
export const recordHeadBytes = 16;

const mark = 0x7473_6c31; // "tsl1"
const deleted = 0xffff_ffff;

/** A change as it stands in a log: where the value is, from the start of the payload. Null for a deletion. */
export interface LoggedChange {
  key: string;
  place: { offset: number; length: number } | null;
}

/** Encodes the changes of one write. */
export function encodeLogRecord(changes: readonly BlobChange[]): { bytes: Uint8Array; changes: LoggedChange[] } {
  const keys = changes.map(({ key }) => Buffer.from(key));
  const size = changes.reduce((sum, { value }, i) => sum + 6 + (keys[i]?.length ?? 0) + (value?.length ?? 0), 0);
  const bytes = Buffer.alloc(recordHeadBytes + size);
  const logged: LoggedChange[] = [];
  let at = recordHeadBytes;
  changes.forEach(({ key, value }, index) => {
    const keyBytes = keys[index] ?? Buffer.alloc(0);
    at = bytes.writeUInt16BE(keyBytes.length, at);
    at = bytes.writeUInt32BE(value === null ? deleted : value.length, at);
    at += keyBytes.copy(bytes, at);
    logged.push({ key, place: value && { offset: at, length: value.length } });
    if (value) bytes.set(value, at);
    at += value?.length ?? 0;
  });
  bytes.writeUInt32BE(mark, 0);
  bytes.writeUInt32BE(size, 4);
  checksum(bytes.subarray(recordHeadBytes)).copy(bytes, 8);
  return { bytes, changes: logged };
}

/** Payload length in a record's head, or null when there is no record. */
export function readRecordHead(head: Buffer): number | null {
  return head.length === recordHeadBytes && head.readUInt32BE(0) === mark ? head.readUInt32BE(4) : null;
}

/** The changes in a whole record (head and payload), or null when it is torn. */
export function readRecord(bytes: Buffer): LoggedChange[] | null {
  const payload = bytes.subarray(recordHeadBytes);
  if (!checksum(payload).equals(bytes.subarray(8, recordHeadBytes))) return null;
  const changes: LoggedChange[] = [];
  for (let at = recordHeadBytes; at < bytes.length; ) {
    const keyLength = bytes.readUInt16BE(at);
    const length = bytes.readUInt32BE(at + 2);
    const offset = at + 6 + keyLength;
    const place = length === deleted ? null : { offset, length };
    changes.push({ key: bytes.toString('utf8', at + 6, offset), place });
    at = offset + (place?.length ?? 0);
  }
  return changes;
}

function checksum(payload: Uint8Array): Buffer {
  return createHash('sha256').update(payload).digest().subarray(0, 8);
}
