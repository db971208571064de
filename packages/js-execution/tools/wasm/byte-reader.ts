/**
 * Reads the primitive encodings of the WebAssembly binary format (core specification, appendix "Binary Format") from
 * a byte array, front to back.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get done(): boolean {
    return this.offset >= this.end;
  }

  /** @throws RangeError at the end of the input */
  byte(): number {
    const value = this.offset < this.end ? this.bytes[this.offset] : undefined;
    if (value === undefined) throw new RangeError(`wasm ends inside an item at offset ${this.offset}`);
    this.offset += 1;
    return value;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    throw new RangeError(`number longer than 32 bits at offset ${this.offset}`);
  }

  /** A signed LEB128 number of at most 64 bits. */
  s64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, byte & 0x40 ? value - (1n << (shift + 7n)) : value);
    }
    throw new RangeError(`number longer than 64 bits at offset ${this.offset}`);
  }

  /** The next `length` bytes, as a view. */
  take(length: number): Uint8Array {
    const from = this.offset;
    this.skip(length);
    return this.bytes.subarray(from, this.offset);
  }

  skip(length: number): void {
    if (length > this.end - this.offset) throw new RangeError(`item at offset ${this.offset} is longer than the wasm`);
    this.offset += length;
  }

  /** A length-prefixed UTF-8 name. */
  name(): string {
    return new TextDecoder('utf-8', { fatal: true }).decode(this.take(this.u32()));
  }
}
