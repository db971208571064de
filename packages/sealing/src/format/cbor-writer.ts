import { itemHead } from './cbor-items.ts';

/** Writes the few kinds of CBOR items of a header behind one another, each in its shortest form (RFC 8949 §4.2.1). */
export class CborWriter {
  readonly #buffer: Buffer;
  #at = 0;

  /** @param most bytes that will be written at most */
  constructor(most: number) {
    this.#buffer = Buffer.allocUnsafe(most);
  }

  /** An integer of either sign, of at most 32 bits. */
  integer(value: number): void {
    if (value < 0) this.#head(1, -1 - value);
    else this.#head(0, value);
  }

  bytes(bytes: Uint8Array): void {
    this.#head(2, bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  text(text: string): void {
    this.#head(3, Buffer.byteLength(text));
    this.#at += this.#buffer.write(text, this.#at, 'utf8');
  }

  /** The head of an array; its elements follow. */
  array(length: number): void {
    this.#head(4, length);
  }

  /** The head of a map; as many pairs follow. */
  map(members: number): void {
    this.#head(5, members);
  }

  /** What was written; a view. */
  get written(): Uint8Array {
    return this.#buffer.subarray(0, this.#at);
  }

  #head(major: number, value: number): void {
    if (value < 24) {
      this.#buffer[this.#at] = (major << 5) + value;
      this.#at += 1;
      return;
    }
    const head = itemHead(major, value);
    this.#buffer.set(head, this.#at);
    this.#at += head.length;
  }
}
