import type { GuestCall } from '../sandbox-engine.ts';
import { ByteCache } from './byte-cache.ts';
import type { MemoryPatch } from './guest-engine.ts';

/** An evaluated source: what evaluating it changed in the engine's first image, before any input or secret existed. */
export interface LoadedCode {
  patches: readonly MemoryPatch[];
  /** What evaluating cost; charged to every call, so that a cached call uses the same gas. */
  gas: bigint;
  /** Address of the module namespace; `undefined`'s for a script. */
  entry: number;
}

/**
 * Evaluated sources, the least recently used dropped first. The key is everything that evaluating depends on, and the
 * tenant: no one learns from its speed what another runs. Entries never leave the worker.
 */
export class CodeCache extends ByteCache<LoadedCode> {
  static key({ tenant, kind, mainFile, code, files, limits, capabilities }: GuestCall): string {
    const { memoryBytes, stackBytes } = limits;
    return JSON.stringify([tenant, kind, mainFile, memoryBytes, stackBytes, capabilities, code, files]);
  }

  override sizeOf({ patches }: LoadedCode): number {
    return patches.reduce((sum, patch) => sum + patch.bytes.length + 32, 0);
  }
}
