import type { PoolMember } from './pool-member.ts';
import type { PoolEvent } from './pool-options.ts';
import type { StoreLease } from './store-lease.ts';

/** Which member of a pool is its keeper, and that one alone has the store. */
export class KeeperElection {
  readonly #lease: StoreLease;
  readonly #members: () => readonly PoolMember[];
  readonly #onEvent: (event: PoolEvent) => void;
  #keeper: PoolMember | null = null;
  #settled: Promise<void> = Promise.resolve();

  constructor(lease: StoreLease, members: () => readonly PoolMember[], onEvent: (event: PoolEvent) => void) {
    this.#lease = lease;
    this.#members = members;
    this.#onEvent = onEvent;
  }

  /** The member that has the store, or is about to; null between two. */
  get keeper(): PoolMember | null {
    return this.#keeper;
  }

  /** Whether the keeper's boot of now holds the store. */
  get isHeld(): boolean {
    return this.#keeper !== null && this.#lease.isHeldBy(this.#keeper.boot?.holder ?? {});
  }

  /** Resolves when no keeper is being changed. */
  settled(): Promise<void> {
    return this.#settled;
  }

  /** Lets those who ask for the keeper wait for this; however it ends. */
  waitFor(change: Promise<void>): void {
    this.#settled = change.catch(() => {});
  }

  /** Makes one that serves the keeper; with none, the next that starts. Resolves when it has the store. */
  elect(): Promise<void> {
    const next = this.#members().find(({ boot }) => boot !== null && !boot.isDraining) ?? null;
    const boot = next?.boot ?? null;
    this.#keeper = next;
    const moved = this.#lease.give(boot?.holder ?? null).then(() => {
      if (next === null || boot === null || next.boot !== boot) return;
      this.#onEvent({ event: 'keeper', member: next.number, pid: boot.pid });
    });
    this.#settled = moved;
    return moved;
  }
}
