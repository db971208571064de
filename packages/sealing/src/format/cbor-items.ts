/**
 * The few kinds of CBOR items (RFC 8949) in the header of a blob, read and written in one order and in their shortest
 * form. A general codec would read them in any order and form, to be encoded again only to refuse most of those; a
 * header is read for every value of a store, so it is read once.
 */

/** Thrown by {@link CborItems} for anything that is not the item asked for. */
export class UnexpectedItem extends Error {}

const fatalUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads items one after the other. Every method throws {@link UnexpectedItem} when the next item is another one. */
export class CborItems {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#at;
  }

  /** Number of members of a map. */
  map(): number {
    return this.#head(5);
  }

  /** Number of elements of an array. */
  array(): number {
    return this.#head(4);
  }

  /** A non-negative integer up to `most` (at most 2^32-1). */
  count(most: number, least = 0): number {
    const value = this.#head(0);
    if (value < least || value > most) throw new UnexpectedItem(`an integer from ${least} to ${most}`);
    return value;
  }

  /** A byte string of exactly this length, copied. */
  bytes(length: number): Uint8Array {
    if (this.#head(2) !== length) throw new UnexpectedItem(`${length} bytes`);
    return new Uint8Array(this.#take(length));
  }

  /** Text of at most this many bytes. */
  text(most: number): string {
    const length = this.#head(3);
    if (length > most) throw new UnexpectedItem(`at most ${most} bytes of text`);
    try {
      return fatalUtf8.decode(this.#take(length));
    } catch (cause) {
      throw new UnexpectedItem('text in UTF-8', { cause });
    }
  }

  /** Reads a label if it is the next one. Labels are integers of either sign. */
  label(label: number): boolean {
    const before = this.#at;
    const first = this.#bytes[before];
    if (first !== undefined && first >> 5 === (label < 0 ? 1 : 0)) {
      if (this.#head(label < 0 ? 1 : 0) === (label < 0 ? -1 - label : label)) return true;
      this.#at = before;
    }
    return false;
  }

  #head(major: number): number {
    const first = this.#bytes[this.#at];
    if (first === undefined || first >> 5 !== major) throw new UnexpectedItem(`an item of major type ${major}`);
    const info = first & 31;
    this.#at += 1;
    if (info < 24) return info;
    const size = info === 24 ? 1 : info === 25 ? 2 : info === 26 ? 4 : 0;
    let value = 0;
    for (const byte of this.#take(size)) value = value * 256 + byte;
    const least = size === 1 ? 24 : size === 2 ? 0x100 : 0x1_0000;
    if (size === 0 || value < least) throw new UnexpectedItem('an item in its shortest form');
    return value;
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new UnexpectedItem('more bytes');
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }
}

/** The head of an item: its major type and its argument (a length, a count or a value, up to 2^32-1). */
export function itemHead(major: number, value: number): Uint8Array {
  const type = major << 5;
  if (value < 24) return Uint8Array.of(type + value);
  if (value < 0x100) return Uint8Array.of(type + 24, value);
  if (value < 0x1_0000) return Uint8Array.of(type + 25, value >> 8, value & 0xff);
  return Uint8Array.of(type + 26, value >>> 24, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff);
}

/** Byte strings and what stands between them, behind one another. */
export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
