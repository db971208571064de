/**
 * How far it is known that a value is what was written last.
 * - `process`: it is the newest since this store was opened; what was opened may have been old, unless an anchor said
 *   otherwise then.
 * - `client`: moreover, it is not older than what the client that asks has seen, and of the same history.
 * - `external`: moreover, an anchor outside of this host said, for this very read, that there is no newer state.
 */
export type Freshness = 'process' | 'client' | 'external';

/** How to read. */
export interface ReadOptions {
  /** The receipt that the client got last: makes the read `client`, or refuses. */
  receipt?: Uint8Array | undefined;
  /** Ask the anchor before answering: makes the read `external` with an external anchor, or refuses. */
  confirm?: boolean | undefined;
}

/** A value with what is known about it. */
export interface StoredValue {
  name: string;
  value: Uint8Array;
  /** The commit that wrote it: another version, another value. */
  version: number;
  freshness: Freshness;
}

/** One write: a value, or null to delete. */
export interface StoreChange {
  name: string;
  value: Uint8Array | null;
}

/** A commit that is durable. */
export interface Commit {
  /** Version of everything that it wrote. */
  version: number;
  /** For the client: present it with the next read ({@link ReadOptions.receipt}). */
  receipt: Uint8Array;
}
