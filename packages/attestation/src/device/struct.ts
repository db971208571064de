import { TeeError } from '@neo-service-layer/tee-interface';

/** Little-endian reads at fixed offsets of a structure whose length was checked. */
export class StructReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  /** @throws {TeeError} ERR_DEVICE_STRUCT when `bytes` is not exactly `size` long. */
  constructor(name: string, bytes: Uint8Array, size: number) {
    requireLength(name, bytes, size);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u16(offset: number): number {
    return this.#view.getUint16(offset, true);
  }

  u32(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  u64(offset: number): bigint {
    return this.#view.getBigUint64(offset, true);
  }

  /** A copy: what the caller does to the structure afterwards does not change what was read. */
  bytes(offset: number, length: number): Uint8Array {
    // Not slice(): on a Buffer that is a view.
    return new Uint8Array(this.#bytes.subarray(offset, offset + length));
  }

  /** @throws {TeeError} ERR_DEVICE_STRUCT when a byte that the processor wants zero is not. */
  requireZero(name: string, offset: number, length: number): void {
    const index = this.#bytes.subarray(offset, offset + length).findIndex((byte) => byte !== 0);
    if (index < 0) return;
    throw new TeeError('ERR_DEVICE_STRUCT', `A reserved byte of ${name} is not zero.`, {
      expected: 'zero',
      actual: `${this.#bytes[offset + index]} at offset ${offset + index}`,
    });
  }
}

/** Little-endian writes at fixed offsets of a structure that starts as zeros; every value is range-checked. */
export class StructWriter {
  readonly result: Uint8Array;
  readonly #view: DataView;

  constructor(size: number) {
    this.result = new Uint8Array(size);
    this.#view = new DataView(this.result.buffer);
  }

  u16(offset: number, value: number): this {
    this.#view.setUint16(offset, requireInteger(value, 0xffff), true);
    return this;
  }

  u32(offset: number, value: number): this {
    this.#view.setUint32(offset, requireInteger(value, 0xffff_ffff), true);
    return this;
  }

  u64(offset: number, value: bigint): this {
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw outOfRange(String(value), '0 to 2^64-1');
    this.#view.setBigUint64(offset, value, true);
    return this;
  }

  /** @throws {TeeError} ERR_DEVICE_STRUCT when `bytes` is not exactly `length` long. */
  bytes(name: string, offset: number, bytes: Uint8Array, length: number): this {
    requireLength(name, bytes, length);
    this.result.set(bytes, offset);
    return this;
  }
}

/** @throws {TeeError} ERR_DEVICE_STRUCT when `bytes` is not exactly `length` long. */
export function requireLength(name: string, bytes: Uint8Array, length: number): void {
  if (bytes.length === length) return;
  throw new TeeError('ERR_DEVICE_STRUCT', `${name} has the wrong length.`, {
    expected: `${length} bytes`,
    actual: `${bytes.length} bytes`,
  });
}

function requireInteger(value: number, max: number): number {
  if (!Number.isInteger(value) || value < 0 || value > max) throw outOfRange(String(value), `0 to ${max}`);
  return value;
}

function outOfRange(actual: string, expected: string): TeeError {
  return new TeeError('ERR_DEVICE_STRUCT', 'A field of an SGX structure is out of its range.', { expected, actual });
}
