import type { GuestCall } from '../sandbox-engine.ts';
import type { MemoryPatch } from './guest-engine.ts';

/** An evaluated source: what evaluating it changed in the engine's first image, before any input or secret existed. */
export interface LoadedCode {
  patches: readonly MemoryPatch[];
  /** What evaluating cost; charged to every call, so that a cached call uses the same gas. */
  gas: bigint;
  /** Address of the module namespace; `undefined`'s for a script. */
  entry: number;
}

interface Cached extends LoadedCode {
  bytes: number;
}

/**
 * Evaluated sources, the least recently used dropped first. The key is everything that evaluating depends on, and the
 * tenant: no one learns from its speed what another runs. Entries never leave the worker.
 */
export class CodeCache {
  /** In order of use: a Map keeps insertion order. */
  readonly #entries = new Map<string, Cached>();
  readonly #capacity: number;
  #bytes = 0;

  /** @param capacity bytes that patches and keys may take together; 0 turns the cache off */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.#bytes;
  }

  /** False when nothing is kept: there is no use in making an entry. */
  get enabled(): boolean {
    return this.#capacity > 0;
  }

  static key({ tenant, kind, code, files, limits, capabilities }: GuestCall): string {
    const { memoryBytes, stackBytes } = limits;
    return JSON.stringify([tenant, kind, memoryBytes, stackBytes, capabilities, code, files]);
  }

  find(key: string): LoadedCode | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  store(key: string, code: LoadedCode): void {
    const bytes = code.patches.reduce((sum, patch) => sum + patch.bytes.length + 32, key.length * 2);
    if (bytes > this.#capacity || this.#entries.has(key)) return;
    for (const [oldest, { bytes: freed }] of this.#entries) {
      if (this.#bytes + bytes <= this.#capacity) break;
      this.#entries.delete(oldest);
      this.#bytes -= freed;
    }
    this.#entries.set(key, { ...code, bytes });
    this.#bytes += bytes;
  }
}
