import type { EngineExports } from './engine-exports.ts';
import { closedPort, engineImports, type HostPort } from './engine-imports.ts';
import { type HeapRun, heapRuns } from './heap-runs.ts';
import { initialPages } from './initial-pages.ts';

const pageSize = 65_536;

/** Granularity at which two states of a memory are told apart, in bytes. */
const unit = 256;
/** Most of memory is the same: it is passed over in pieces of this many bytes. */
const page = 4_096;

/** A piece of memory that differs from the image. */
export interface MemoryPatch {
  address: number;
  bytes: Uint8Array;
}

/**
 * One instance of the engine: a memory, and the means to put it back into the state it was born in. The memory image
 * right after instantiation and the native stack pointer are the whole state (the counters are set for every call);
 * `tools/image.ts` builds the module so.
 */
export class GuestEngine {
  readonly exports: EngineExports;
  readonly #memory: WebAssembly.Memory;
  readonly #image: Uint8Array;
  readonly #heapRuns: readonly HeapRun[];
  readonly #stackAtRest: number;
  readonly #decoder = new TextDecoder();
  #port: HostPort = closedPort;
  #bytes: Uint8Array;
  #cells: DataView;

  /**
   * @param module the engine of `tools/build-engine.ts`
   * @param maximumBytes what its memory can grow to, at most
   * @param image the memory image of an earlier instance of the same module, which {@link restore} brings about; read
   * from this one if left out
   */
  constructor(module: WebAssembly.Module, maximumBytes: number, image?: Uint8Array) {
    const initial = image === undefined ? initialPages(module) : image.length / pageSize;
    this.#memory = new WebAssembly.Memory({ initial, maximum: Math.ceil(maximumBytes / pageSize) });
    const instance = new WebAssembly.Instance(
      module,
      engineImports(this.#memory, () => this.#port),
    );
    this.exports = instance.exports as object as EngineExports;
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#cells = new DataView(this.#memory.buffer);
    this.#image = image ?? this.#bytes.slice();
    this.#stackAtRest = this.exports.__stack_pointer.value;
    this.#heapRuns = heapRuns(this.#image, this.#stackAtRest);
  }

  /** The memory every call starts from. */
  get image(): Uint8Array {
    return this.#image;
  }

  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** The guest's memory. Detached when it grows: ask again after every call into the engine. */
  get bytes(): Uint8Array {
    if (this.#bytes.buffer !== this.#memory.buffer) this.#bytes = new Uint8Array(this.#memory.buffer);
    return this.#bytes;
  }

  get cells(): DataView {
    if (this.#cells.buffer !== this.#memory.buffer) this.#cells = new DataView(this.#memory.buffer);
    return this.#cells;
  }

  /** Lets the guest reach `port` until {@link disconnect}. */
  connect(port: HostPort): void {
    this.#port = port;
  }

  disconnect(): void {
    this.#port = closedPort;
  }

  /**
   * Puts the instance back into its first state, which also removes every trace of the call before.
   *
   * @returns false when that is impossible because the memory has grown; it is then overwritten, and the instance must
   * not be used again
   */
  reset(): boolean {
    if (!this.restore()) {
      this.wipe();
      return false;
    }
    // The native stack lies below the heap and is zero at rest (tools/boot.ts).
    this.bytes.fill(0, 0, this.#stackAtRest);
    return true;
  }

  /**
   * The same for all that a call can observe: heap, stack pointer and counters. The dead native stack stays.
   *
   * @returns false when the memory has grown, and nothing was restored
   */
  restore(): boolean {
    this.exports.gas.value = 0n;
    if (this.memoryBytes !== this.#image.length) return false;
    const { bytes } = this;
    for (const { from, to, content } of this.#heapRuns) {
      if (content === null) bytes.fill(0, from, to);
      else bytes.set(content, from);
    }
    this.exports.__stack_pointer.value = this.#stackAtRest;
    this.exports.grow_refusals.value = 0;
    this.exports.message_0.value = 0;
    this.exports.message_1.value = 0;
    this.exports.message_2.value = 0;
    return true;
  }

  /**
   * What differs now from the memory of {@link reset}, the dead native stack left out; null when memory has grown. Only
   * between calls into the engine.
   */
  difference(): MemoryPatch[] | null {
    if (this.memoryBytes !== this.#image.length) return null;
    const now = Buffer.from(this.#memory.buffer);
    const patches: MemoryPatch[] = [];
    let from = -1;
    const close = (end: number) => {
      if (from >= 0) patches.push({ address: from, bytes: this.bytes.slice(from, end) });
      from = -1;
    };
    const same = (at: number, length: number) => now.compare(this.#image, at, at + length, at, at + length) === 0;
    for (let at = this.#stackAtRest; at < now.length; at += unit) {
      if (at % page === 0 && same(at, page)) {
        close(at);
        at += page - unit;
      } else if (same(at, unit)) {
        close(at);
      } else if (from < 0) {
        from = at;
      }
    }
    close(now.length);
    return patches;
  }

  /** Brings a memory that was just reset into the state of which `patches` is the difference. */
  apply(patches: readonly MemoryPatch[]): void {
    for (const { address, bytes } of patches) this.bytes.set(bytes, address);
  }

  /** Calls a function of the guest. At most 12 arguments: they lie in the scratch area, behind what {@link text} uses. */
  call(callee: number, values: readonly number[]): number {
    const list = this.exports.at_scratch.value + 16;
    values.forEach((value, index) => {
      this.cells.setUint32(list + index * 4, value, true);
    });
    return this.exports.qjs_call(callee, this.exports.at_undefined.value, values.length, list);
  }

  /** The memory as it is now, as an image for other instances to start from. Only between calls into the engine. */
  freeze(): Uint8Array {
    const image = this.bytes.slice();
    image.fill(0, 0, this.#stackAtRest);
    return image;
  }

  /** Overwrites the memory of an instance that is given up. */
  wipe(): void {
    this.bytes.fill(0);
  }

  /** Copies bytes into the guest, with a NUL behind them. @returns their address, 0 when there is no room */
  put(bytes: Uint8Array): number {
    const address = this.exports.wasm_malloc(bytes.length + 1);
    if (address === 0) return 0;
    this.bytes.set(bytes, address);
    this.bytes[address + bytes.length] = 0;
    return address;
  }

  /**
   * Text of a guest value that is known to be a string. The length is checked before anything is copied.
   *
   * @returns null when the guest had no memory for it (an exception is then pending), the length when that exceeds `most`
   */
  text(value: number, most: number): string | number | null {
    const { exports } = this;
    const lengthOut = exports.at_scratch.value;
    const address = exports.qjs_get_string_len(value, lengthOut);
    if (address === 0) return null;
    const length = this.cells.getUint32(lengthOut, true);
    const text = length > most ? length : this.#decoder.decode(this.bytes.subarray(address, address + length));
    exports.qjs_free_cstring(address);
    return text;
  }
}
