import { TeeError } from '@neo-service-layer/tee-interface';

/** Bytes that come in pieces, up to a length. */
export class BoundedBytes {
  readonly #most: number;
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes a piece. @throws {TeeError} ERR_TRANSPORT beyond the length */
  add(piece: Uint8Array): void {
    this.#length += piece.length;
    if (this.#length > this.#most) {
      throw new TeeError('ERR_TRANSPORT', 'The relay sent more than any answer can be long.', {
        expected: `at most ${this.#most} bytes`,
        actual: `more than ${this.#length - 1} bytes`,
      });
    }
    this.#pieces.push(piece);
  }

  /** All of them in one. */
  whole(): Uint8Array {
    const [first, ...more] = this.#pieces;
    if (first !== undefined && more.length === 0) return new Uint8Array(first);
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }
}
