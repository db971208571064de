import type { AnchorEntry, FreshnessAnchor } from './freshness-anchor.ts';
import { describeEntry, rollback, sameEntry } from './rollback.ts';

/**
 * Remembers in the enclave's own memory: stops a host that turns data back while the enclave runs, and nothing that
 * happens across a restart.
 */
export class ProcessAnchor implements FreshnessAnchor {
  readonly kind = 'process';
  readonly #entries = new Map<string, AnchorEntry>();

  async read(namespace: string): Promise<AnchorEntry | null> {
    return this.#entries.get(namespace) ?? null;
  }

  async advance(namespace: string, from: AnchorEntry | null, to: AnchorEntry): Promise<void> {
    const current = this.#entries.get(namespace) ?? null;
    if (!sameEntry(current, from)) {
      throw rollback('Another instance moved the namespace.', describeEntry(from), describeEntry(current));
    }
    this.#entries.set(namespace, { epoch: to.epoch, chain: Uint8Array.from(to.chain) });
  }
}
