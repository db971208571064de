import { type EnclaveProgram, KeyringOfEnclave, type LaunchOptions } from '@neo-service-layer/occlum-interface';
import type { SupervisorMetrics } from '@neo-service-layer/occlum-manager';
import type { HostStore } from '@neo-service-layer/tee-channel/host-link';
import type { Transport } from '@neo-service-layer/tee-client';
import { type Collateral, TeeError } from '@neo-service-layer/tee-interface';
import type { EnclaveBoot } from './enclave-boot.ts';
import { PoolMember } from './pool-member.ts';
import { PoolTransport, type Wanted } from './pool-transport.ts';
import { SessionRoutes } from './session-routes.ts';
import { StoreLease } from './store-lease.ts';
import type { EnclaveEvent } from './supervised-enclave.ts';

/** What happens in a pool, for whoever runs the host. */
export type PoolEvent =
  | (EnclaveEvent & { member: number })
  | { event: 'keeper'; member: number; pid: number }
  | { event: 'enclave-drained'; member: number };

/** What a pool is made of. */
export interface EnclavePoolOptions {
  /** Enclaves of one image, each in an instance of its own; the first begins as the keeper. */
  programs: readonly (EnclaveProgram & { mrEnclave: string })[];
  /** How each is launched; the store is {@link store}. */
  launch: (member: number) => Omit<LaunchOptions, 'store'>;
  /** What users keep. */
  store: HostStore;
  collateral: (quote: Uint8Array) => Promise<Collateral>;
  onEvent: (event: PoolEvent) => void;
}

/**
 * Several enclaves of one image behind one host. One of them, the keeper, has what users keep; the others serve what needs
 * none of that, and stand by: when the keeper is lost one that runs takes over at once, and the lost one comes back as
 * another. The store is on lease to one boot at a time (see {@link StoreLease}).
 *
 * This serves availability only. A host that wants to can start any number of enclaves with any copy of the store; what
 * an enclave can say about that is `freshness` (docs/host.md).
 */
export class EnclavePool {
  readonly #options: EnclavePoolOptions;
  readonly #lease: StoreLease;
  readonly #routes = new SessionRoutes();
  readonly #members: PoolMember[];
  readonly #givenUp = new Set<PoolMember>();
  /** Resolves when none is started any more, as each ended again and again. */
  readonly givenUp: Promise<void>;
  #giveUp: () => void = () => {};
  #keeper: PoolMember | null = null;
  #moving: Promise<void> = Promise.resolve();

  constructor(options: EnclavePoolOptions) {
    this.#options = options;
    this.#lease = new StoreLease(options.store);
    this.givenUp = new Promise((resolve) => {
      this.#giveUp = resolve;
    });
    this.#members = options.programs.map((program, index) => this.#newMember(program, index + 1));
  }

  /** Its members, the keeper among them. */
  get members(): readonly PoolMember[] {
    return this.#members;
  }

  /** The member that has the store, or null between two. */
  get keeper(): PoolMember | null {
    return this.#keeper;
  }

  /**
   * Starts the keeper, then the others: of two that start at once without a keyring each would make one. Resolves when
   * all serve.
   * @throws {TeeError} ERR_ENCLAVE_START when one ends again and again
   */
  async start(): Promise<void> {
    const [first, ...others] = this.#members;
    await first?.start();
    const link = first?.boot?.link;
    // Its answer comes when the keyring is there. An enclave that was lost meanwhile made one at its next start.
    if (link !== undefined && others.length > 0) {
      await new KeyringOfEnclave(link, this.#options.collateral).status().catch(() => {});
    }
    await Promise.all(others.map((member) => member.start()));
  }

  /** The way to an enclave, or null while there is none that is wanted. */
  transport(wanted: Wanted = 'keeper'): Transport | null {
    if (this.choose(wanted) === null) return null;
    return new PoolTransport(this, this.#routes, wanted);
  }

  /** The boot that serves a new client: the keeper's, or the one with the least to do. Null while there is none. */
  choose(wanted: Wanted): EnclaveBoot | null {
    if (wanted === 'keeper') return this.#keeper?.boot ?? null;
    const serving = this.#members.flatMap(({ boot }) => (boot === null || boot.isDraining ? [] : [boot]));
    serving.sort((one, other) => one.underWay - other.underWay || one.handed - other.handed);
    return serving[0] ?? null;
  }

  /** Resolves when no keeper is being changed. */
  settled(): Promise<void> {
    return this.#moving;
  }

  /** Counts of all members together; `state` is that of the keeper's place, as that is what most calls need. */
  metrics(): SupervisorMetrics {
    const all = this.#members.map((member) => member.metrics());
    const sum = (name: 'starts' | 'lost' | 'startFailures' | 'probeFailures' | 'eventErrors' | 'calls' | 'lostCalls') =>
      all.reduce((total, one) => total + one[name], 0);
    const keeper = (this.#keeper ?? this.#members[0])?.metrics();
    return {
      starts: sum('starts'),
      lost: sum('lost'),
      startFailures: sum('startFailures'),
      probeFailures: sum('probeFailures'),
      eventErrors: sum('eventErrors'),
      calls: sum('calls'),
      lostCalls: sum('lostCalls'),
      state: keeper?.state ?? 'idle',
      lastReason: keeper?.lastReason ?? null,
    };
  }

  /**
   * Takes one enclave out: no new session, no new message of its sessions (their clients verify anew and go to another),
   * what is under way ends or is cut off after the time; then it ends, and a fresh one is started in its place. The keeper
   * hands the store to one that runs.
   * @throws {TeeError} ERR_NOT_FOUND for a member that does not serve
   */
  async drain(number: number, milliseconds: number): Promise<void> {
    const place = this.#members.findIndex((member) => member.number === number);
    const member = this.#members[place];
    const boot = member?.boot;
    if (!member || !boot || boot.isDraining) {
      throw new TeeError('ERR_NOT_FOUND', 'No enclave of this number serves.', { actual: String(number) });
    }
    boot.isDraining = true;
    const over = this.#endBoot(boot, milliseconds);
    if (member === this.#keeper) this.#moving = over;
    await over;
    const next = this.#newMember(this.#programOf(number), number);
    this.#members[place] = next;
    if (member === this.#keeper) await this.#elect();
    await member.stop();
    this.#routes.forget(boot);
    this.#options.onEvent({ event: 'enclave-drained', member: number });
    await next.start();
  }

  /** Ends all of them. */
  async stop(): Promise<void> {
    await this.#lease.give(null);
    await Promise.all(this.#members.map((member) => member.stop()));
  }

  async #endBoot(boot: EnclaveBoot, milliseconds: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds);
    });
    await Promise.race([boot.idle(), late]);
    clearTimeout(timer);
  }

  #programOf(number: number): EnclaveProgram & { mrEnclave: string } {
    const program = this.#options.programs[number - 1];
    if (program === undefined) throw new TypeError('a member has a program');
    return program;
  }

  #newMember(program: EnclaveProgram & { mrEnclave: string }, number: number): PoolMember {
    const { launch, collateral } = this.#options;
    const made = new PoolMember({
      number,
      program,
      launch: launch(number),
      lease: this.#lease,
      collateral,
      onChange: (member, event, lost) => this.#changed(member, event, lost),
    });
    void made.givenUp.then(() => {
      this.#givenUp.add(made);
      if (this.#members.every((member) => this.#givenUp.has(member))) this.#giveUp();
    });
    return made;
  }

  #changed(member: PoolMember, event: EnclaveEvent, lost: EnclaveBoot | null): void {
    if (lost !== null) this.#routes.forget(lost);
    this.#options.onEvent({ ...event, member: member.number });
    if (event.event === 'enclave-lost' && member === this.#keeper) void this.#elect();
    if (event.event === 'enclave-started' && this.#keeper === null) void this.#elect();
  }

  /** Makes one that serves the keeper; with none, the next that starts. */
  #elect(): Promise<void> {
    const next = this.#members.find(({ boot }) => boot !== null && !boot.isDraining) ?? null;
    const boot = next?.boot ?? null;
    this.#keeper = next;
    const moved = this.#lease.give(boot?.holder ?? null).then(() => {
      if (next === null || boot === null || next.boot !== boot) return;
      this.#options.onEvent({ event: 'keeper', member: next.number, pid: boot.pid });
    });
    this.#moving = moved;
    return moved;
  }
}
