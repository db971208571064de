/**
 * Pages of the index: a hash tree over the entries of a store, spread by the digits of their ids. A leaf holds entries,
 * an inner page the hashes of its sixteen children. The hash of a page covers its place, so a page never passes for
 * another one.
 */
import { TeeError } from '@neo-service-layer/tee-interface';
import { sha256 } from '../keys/key-schedule.ts';

/** What the index knows about a value. */
export interface IndexEntry {
  /** 16 bytes, the keyed hash of its name. */
  id: Uint8Array;
  /** Epoch of the store when it was written. */
  version: number;
  /** First 16 bytes of SHA-256 of the sealed value. */
  tag: Uint8Array;
}

/** A page, read. */
export type IndexPage = { kind: 'leaf'; entries: IndexEntry[] } | { kind: 'inner'; children: Uint8Array[] };

/** The hash that stands for "no page". */
export const noPage: Uint8Array = new Uint8Array(32);

/** Entries of a leaf before it is split. */
export const leafCapacity: number = 64;

const entryBytes = 36;
const encoder = new TextEncoder();

/** True for {@link noPage}. */
export function isNoPage(hash: Uint8Array): boolean {
  return hash.every((byte) => byte === 0);
}

/** Hash of a page at a place; `path` is the digits of the ids under it, e.g. `a3`. */
export function hashPage(path: string, bytes: Uint8Array): Uint8Array {
  return sha256(encoder.encode(`tee-seal/1 page ${path}.`), bytes);
}

/** Encodes a leaf; entries ascend by id. */
export function encodeLeaf(entries: readonly IndexEntry[]): Uint8Array {
  const bytes = new Uint8Array(1 + entries.length * entryBytes);
  const view = new DataView(bytes.buffer);
  entries.forEach(({ id, version, tag }, index) => {
    const at = 1 + index * entryBytes;
    bytes.set(id, at);
    view.setUint32(at + 16, version);
    bytes.set(tag, at + 20);
  });
  return bytes;
}

/** Encodes an inner page. */
export function encodeInner(children: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(1 + 16 * 32);
  bytes[0] = 1;
  children.forEach((hash, index) => {
    bytes.set(hash, 1 + index * 32);
  });
  return bytes;
}

/** Reads a page whose hash was checked. @throws {TeeError} ERR_INTERNAL: only this package makes pages */
export function decodePage(bytes: Uint8Array): IndexPage {
  if (bytes[0] === 1 && bytes.length === 1 + 16 * 32) {
    return { kind: 'inner', children: Array.from({ length: 16 }, (_, i) => bytes.subarray(1 + i * 32, 33 + i * 32)) };
  }
  if (bytes[0] !== 0 || (bytes.length - 1) % entryBytes !== 0) {
    throw new TeeError('ERR_INTERNAL', 'An index page has an authentic hash and no known form.');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries: IndexEntry[] = [];
  for (let at = 1; at < bytes.length; at += entryBytes) {
    const tag = bytes.subarray(at + 20, at + entryBytes);
    entries.push({ id: bytes.subarray(at, at + 16), version: view.getUint32(at + 16), tag });
  }
  return { kind: 'leaf', entries };
}

/** Digit of an id (0 to 15) at a depth. */
export function digitAt(id: Uint8Array, depth: number): number {
  const byte = id[depth >> 1] ?? 0;
  return depth % 2 === 0 ? byte >> 4 : byte & 15;
}
