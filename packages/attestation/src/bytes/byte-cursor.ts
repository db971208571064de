import { TeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';

/** Reads little-endian fields one after the other; a read past the end is an error that names the field. */
export class ByteCursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #code: TeeErrorCode;
  #offset = 0;

  /** @param code error code of a read past the end */
  constructor(bytes: Uint8Array, code: TeeErrorCode) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#code = code;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u16(field: string): number {
    return this.#view.getUint16(this.#advance(2, field), true);
  }

  u32(field: string): number {
    return this.#view.getUint32(this.#advance(4, field), true);
  }

  /** A view of the next `length` bytes; the length is checked before anything is allocated. */
  take(length: number, field: string): Uint8Array {
    const start = this.#advance(length, field);
    return this.#bytes.subarray(start, start + length);
  }

  #advance(length: number, field: string): number {
    if (length > this.remaining) {
      throw new TeeError(this.#code, `${field} reaches past the end.`, {
        expected: `${length} bytes at offset ${this.#offset}`,
        actual: `${this.remaining} bytes left`,
      });
    }
    const start = this.#offset;
    this.#offset += length;
    return start;
  }
}
