import { TeeError } from '@neo-service-layer/tee-interface';

/** Major types of CBOR (RFC 8949 §3.1). */
const majors = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;

/** More than any evidence nests. */
const maxDepth = 16;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads the CBOR of RA-TLS extensions, which has tags (our own documents have none): definite lengths only, every
 * number in its shortest form (RFC 8949 §4.2.1), nothing past the end. Every fault is ERR_RATLS_FORMAT.
 */
export class CborReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @throws {TeeError} ERR_RATLS_FORMAT when something is left */
  end(): void {
    if (this.#offset < this.#bytes.length) throw fault('There are bytes after the CBOR.');
  }

  /** A number up to 2^53. */
  unsigned(): number {
    return this.#head(majors.unsigned);
  }

  bytes(): Uint8Array {
    return this.#take(this.#head(majors.bytes));
  }

  text(): string {
    const bytes = this.#take(this.#head(majors.text));
    try {
      return utf8.decode(bytes);
    } catch (cause) {
      throw fault('A text in CBOR is not UTF-8.', cause);
    }
  }

  /** Enters an array. @returns how many items follow */
  array(): number {
    return this.#count(this.#head(majors.array));
  }

  /** Enters a map. @returns how many pairs follow */
  map(): number {
    return this.#count(this.#head(majors.map));
  }

  /** Reads a tag, whose content follows. */
  tag(): number {
    return this.#head(majors.tag);
  }

  /** Reads past one item of any kind. @returns its encoding */
  item(depth = 0): Uint8Array {
    if (depth > maxDepth) throw fault('CBOR nests too deep.');
    const start = this.#offset;
    const { major, value } = this.#anyHead();
    if (major === majors.bytes || major === majors.text) this.#take(value);
    const isNested = major === majors.array || major === majors.map || major === majors.tag;
    const items = major === majors.map ? 2 * this.#count(value) : major === majors.tag ? 1 : value;
    for (let i = 0; isNested && i < items; i += 1) this.item(depth + 1);
    return this.#bytes.subarray(start, this.#offset);
  }

  #head(major: number): number {
    const head = this.#anyHead();
    if (head.major !== major) throw fault('An item in CBOR is of another type than its place demands.');
    return head.value;
  }

  #anyHead(): { major: number; value: number } {
    const [initial = 0] = this.#take(1);
    const major = initial >> 5;
    const info = initial & 0x1f;
    if (info < 24) return { major, value: info };
    if (info > 27) throw fault('CBOR has an indefinite length or a reserved head.');
    const size = 2 ** (info - 24);
    const at = this.#offset;
    this.#take(size);
    const value = this.#number(at, size);
    // Floating point numbers are no heads: they may have any value.
    const smallest = major === majors.simple ? (info === 24 ? 32 : 0) : (smallestOfSize[size] ?? 0);
    if (value < smallest) throw fault('A number in CBOR is not in its shortest form.');
    return { major, value };
  }

  #number(at: number, size: number): number {
    if (size === 1) return this.#view.getUint8(at);
    if (size === 2) return this.#view.getUint16(at);
    if (size === 4) return this.#view.getUint32(at);
    return this.#view.getUint32(at) * 2 ** 32 + this.#view.getUint32(at + 4);
  }

  /** An item takes at least one byte, so a count cannot be larger than what is left. */
  #count(count: number): number {
    if (count > this.#bytes.length - this.#offset) throw fault('CBOR counts more items than it has bytes.');
    return count;
  }

  #take(length: number): Uint8Array {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw fault('CBOR is cut off.');
    const taken = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }
}

/** The smallest number that needs as many bytes. */
const smallestOfSize: Readonly<Record<number, number>> = { 1: 24, 2: 2 ** 8, 4: 2 ** 16, 8: 2 ** 32 };

function fault(message: string, cause?: unknown): TeeError {
  return new TeeError('ERR_RATLS_FORMAT', message, cause === undefined ? {} : { cause });
}
