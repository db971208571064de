import { bytesToHex, TeeError } from '@neo-service-layer/tee-interface';

/** Something that is kept under a session id for a time. */
export interface Entry {
  /** Unix seconds. */
  expires: number;
}

/**
 * Entries by session id, bounded in number. All live equally long, so the oldest is always the first to go and looking
 * for the expired costs nothing.
 */
export class SessionTable<Value extends Entry> {
  readonly #entries = new Map<string, Value>();
  readonly #most: number;
  readonly #onRemove: (value: Value) => void;

  constructor(most: number, onRemove: (value: Value) => void = () => {}) {
    this.#most = most;
    this.#onRemove = onRemove;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Removes what has expired. */
  sweep(now: number): void {
    for (const [id, value] of this.#entries) {
      if (value.expires > now) return;
      this.#entries.delete(id);
      this.#onRemove(value);
    }
  }

  /** True when nothing more has room. */
  get isFull(): boolean {
    return this.#entries.size >= this.#most;
  }

  /** Adds an entry. @throws {TeeError} ERR_BUSY when the table is full */
  add(sessionId: Uint8Array, value: Value): void {
    if (this.isFull) throw new TeeError('ERR_BUSY', 'All sessions are in use.');
    this.#entries.set(bytesToHex(sessionId), value);
  }

  /** Adds an entry in place of the oldest when the table is full. */
  addInPlaceOfOldest(sessionId: Uint8Array, value: Value): void {
    const [oldest] = this.#entries;
    if (this.isFull && oldest !== undefined) {
      this.#entries.delete(oldest[0]);
      this.#onRemove(oldest[1]);
    }
    this.#entries.set(bytesToHex(sessionId), value);
  }

  /** The entry, unless it expired. */
  get(sessionId: Uint8Array, now: number): Value | null {
    this.sweep(now);
    const value = this.#entries.get(bytesToHex(sessionId));
    if (value === undefined) return null;
    if (value.expires > now) return value;
    // The host sets the clock: where it went back, an entry behind a younger one may have expired.
    this.#entries.delete(bytesToHex(sessionId));
    this.#onRemove(value);
    return null;
  }

  /** Removes an entry without telling it. */
  delete(sessionId: Uint8Array): void {
    this.#entries.delete(bytesToHex(sessionId));
  }
}
