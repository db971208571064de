/**
 * Pages of the index: a hash tree over the entries of a store, spread by the digits of their ids. A leaf holds entries,
 * an inner page the hashes of its sixteen children. The hash of a page covers its place, so a page never passes for
 * another one. Pages stay bytes: most entries of a page that is read or rewritten are not looked at.
 */
import { TeeError } from '@neo-service-layer/tee-interface';
import { publicSha256 } from '../crypto/digest.ts';

/** What the index knows about a value. */
export interface IndexEntry {
  /** 16 bytes, the keyed hash of its name. */
  id: Uint8Array;
  /** Epoch of the store when it was written. */
  version: number;
  /** First 16 bytes of SHA-256 of the sealed value. */
  tag: Uint8Array;
}

/** A change of the index: an entry, or an id to remove. */
export interface IndexChange {
  id: Uint8Array;
  entry: IndexEntry | null;
}

/** The hash that stands for "no page". */
export const noPage: Uint8Array = new Uint8Array(32);

/** Entries of a leaf before it is split. */
export const leafCapacity = 64;

/** Bytes of an entry: its id, a u32 of its version, its tag. */
export const entryBytes = 36;

const innerBytes = 1 + 16 * 32;

/** True for {@link noPage}. */
export function isNoPage(hash: Uint8Array): boolean {
  return hash[0] === 0 && Buffer.compare(hash, noPage) === 0;
}

/** A page with room for its bytes and, in front of them, for what is hashed along: its kind of document and its place. */
export interface FramedPage {
  framed: Buffer;
  /** The page itself: a part of `framed`, to be filled before it is hashed. */
  bytes: Buffer;
}

/** Makes room for a page at a place; `path` is the digits of the ids under it, e.g. `a3`. */
export function framePage(path: string, length: number): FramedPage {
  const frame = `tee-seal/1 page ${path}.`;
  const framed = Buffer.allocUnsafe(frame.length + length);
  framed.write(frame, 0, 'latin1');
  return { framed, bytes: framed.subarray(frame.length) };
}

/** Hash of a page at its place. */
export function hashPage({ framed }: FramedPage): Uint8Array {
  return publicSha256(framed);
}

/** Requires the form of a page whose hash was checked. @throws {TeeError} ERR_INTERNAL: only this package makes pages */
export function requirePage(bytes: Buffer): void {
  const isWhole = isInner(bytes)
    ? bytes.length === innerBytes
    : bytes[0] === 0 && (bytes.length - 1) % entryBytes === 0;
  if (!isWhole) throw new TeeError('ERR_INTERNAL', 'An index page has an authentic hash and no known form.');
}

/** True for an inner page, false for a leaf. */
export function isInner(bytes: Buffer): boolean {
  return bytes[0] === 1;
}

/** Makes an inner page without children. */
export function emptyInner(path: string): FramedPage {
  const page = framePage(path, innerBytes);
  page.bytes.fill(0);
  page.bytes[0] = 1;
  return page;
}

/** Hash of a child of an inner page; a view. */
export function childHash(bytes: Buffer, digit: number): Buffer {
  return bytes.subarray(1 + digit * 32, 33 + digit * 32);
}

/** Number of entries of a leaf. */
export function leafSize(bytes: Buffer): number {
  return (bytes.length - 1) / entryBytes;
}

/** An entry of a leaf; views. */
export function entryAt(bytes: Buffer, index: number): IndexEntry {
  const at = 1 + index * entryBytes;
  const tag = bytes.subarray(at + 20, at + entryBytes);
  return { id: bytes.subarray(at, at + 16), version: bytes.readUInt32BE(at + 16), tag };
}

/** Writes an entry into a leaf. */
export function writeEntry(bytes: Buffer, index: number, { id, version, tag }: IndexEntry): void {
  const at = 1 + index * entryBytes;
  bytes.set(id, at);
  bytes.writeUInt32BE(version, at + 16);
  bytes.set(tag, at + 20);
}

/** Where an id stands in a leaf, whose entries ascend: its index, or that of the first entry behind it. */
export function lowerBound(bytes: Buffer, id: Uint8Array): { index: number; isFound: boolean } {
  let low = 0;
  let high = leafSize(bytes);
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = 1 + middle * entryBytes;
    const order = bytes.compare(id, 0, 16, at, at + 16);
    if (order === 0) return { index: middle, isFound: true };
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return { index: low, isFound: false };
}

/** Digit of an id (0 to 15) at a depth. */
export function digitAt(id: Uint8Array, depth: number): number {
  const byte = id[depth >> 1] ?? 0;
  return depth % 2 === 0 ? byte >> 4 : byte & 15;
}
