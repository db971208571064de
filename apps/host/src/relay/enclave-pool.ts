import type { SupervisorMetrics } from '@neo-service-layer/occlum-manager';
import type { Transport } from '@neo-service-layer/tee-client';
import { TeeError } from '@neo-service-layer/tee-interface';
import type { EnclaveBoot } from './enclave-boot.ts';
import { KeeperElection } from './keeper-election.ts';
import { PoolMember } from './pool-member.ts';
import { pooledMetrics } from './pool-metrics.ts';
import type { EnclavePoolOptions, Replacement } from './pool-options.ts';
import { PoolTransport, type Wanted } from './pool-transport.ts';
import { SessionRoutes } from './session-routes.ts';
import { startMembers, startSuccessors } from './start-members.ts';
import { StoreLease } from './store-lease.ts';
import type { EnclaveEvent } from './supervised-enclave.ts';

/** As the configuration of a host has it. */
const maxMembers = 16;

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
  readonly #election: KeeperElection;
  readonly #routes = new SessionRoutes();
  #members: PoolMember[];
  #launch: EnclavePoolOptions['launch'];
  #isReplacing = false;
  #draining = 0;
  readonly #givenUp = new Set<PoolMember>();
  /** Resolves when none is started any more, as each ended again and again. */
  readonly givenUp: Promise<void>;
  #giveUp: () => void = () => {};

  constructor(options: EnclavePoolOptions) {
    this.#options = options;
    this.#lease = new StoreLease(options.store);
    this.#election = new KeeperElection(this.#lease, () => this.#members, options.onEvent);
    this.#launch = options.launch;
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
    return this.#election.keeper;
  }

  /** Starts the keeper, then the others; see {@link startMembers}. @throws {TeeError} ERR_ENCLAVE_START */
  start(): Promise<void> {
    return startMembers(this.#members, this.#options.collateral);
  }

  /** The way to an enclave, or null while there is none that is wanted. */
  transport(wanted: Wanted = 'keeper'): Transport | null {
    // While all are drained there is a way: those who ask for evidence wait, and messages get an answer.
    const isThere = wanted === 'keeper' ? this.choose(wanted) : this.#members.some(({ boot }) => boot !== null);
    if (!isThere) return null;
    return new PoolTransport(this, this.#routes, wanted);
  }

  /** The boot that serves a new client: the keeper's, or the one with the least to do. Null while there is none. */
  choose(wanted: Wanted): EnclaveBoot | null {
    if (wanted === 'keeper') return this.keeper?.boot ?? null;
    const serving = this.#members.flatMap(({ boot }) => (boot === null || boot.isDraining ? [] : [boot]));
    serving.sort((one, other) => one.underWay - other.underWay || one.handed - other.handed);
    return serving[0] ?? null;
  }

  /** Resolves when no keeper is being changed. */
  settled(): Promise<void> {
    return this.#election.settled();
  }

  /** Counts of all members together; see {@link pooledMetrics}. */
  metrics(): SupervisorMetrics {
    return pooledMetrics(
      this.#members.map((member) => member.metrics()),
      (this.keeper ?? this.#members[0])?.metrics() ?? null,
    );
  }

  /**
   * Takes one enclave out: no new session, no new message of its sessions (their clients verify anew and go to another),
   * what is under way ends or is cut off after the time; then it ends, and a fresh one is started in its place. The keeper
   * hands the store to one that runs.
   * @throws {TeeError} ERR_NOT_FOUND for a member that does not serve, ERR_BUSY during a replacement
   */
  async drain(number: number, milliseconds: number): Promise<void> {
    const place = this.#members.findIndex((member) => member.number === number);
    const member = this.#members[place];
    const boot = member?.boot;
    if (this.#isReplacing) throw busy();
    if (!member || !boot || boot.isDraining) {
      throw new TeeError('ERR_NOT_FOUND', 'No enclave of this number serves.', { actual: String(number) });
    }
    this.#draining += 1;
    try {
      await this.#drain(place, member, boot, milliseconds);
    } finally {
      this.#draining -= 1;
    }
  }

  async #drain(place: number, member: PoolMember, boot: EnclaveBoot, milliseconds: number): Promise<void> {
    boot.isDraining = true;
    const over = boot.idleWithin(milliseconds);
    if (member === this.keeper) this.#election.waitFor(over);
    await over;
    const next = this.#newMember(member.program, member.number);
    this.#members[place] = next;
    if (member === this.keeper) await this.#election.elect();
    await member.stop();
    this.#routes.forget(boot);
    this.#options.onEvent({ event: 'enclave-drained', member: member.number });
    await next.start();
  }

  /**
   * Puts enclaves of another image in the place of all there are. They are started beside, and are let at the keyring;
   * then no old one takes a new session or message, what is under way ends or is cut off after the time, the store goes
   * to its new place, and the old ones end. Clients verify the new image by their own policy.
   *
   * @throws {TeeError} what starting, handing over and moving throw: the old ones go on then and nothing has changed.
   *   ERR_BUSY while another replacement or a drain is under way
   */
  async replace(next: Replacement, milliseconds: number): Promise<void> {
    const old = this.#members;
    const link = this.keeper?.boot?.link;
    if (link === undefined) throw new TeeError('ERR_ENCLAVE_LOST', 'No enclave runs that could hand over.');
    if (this.#isReplacing || this.#draining > 0) throw busy();
    this.#isReplacing = true;
    const free = freeNumbers(old);
    const fresh = next.programs.map((program, index) => this.#newMember(program, free[index] ?? 0, next.launch));
    try {
      await startSuccessors(fresh, (to) => next.handOver(link, to));
      const moving = this.#takeOver(old, fresh, next, milliseconds);
      // Whoever waits for it gets an answer either way; how it went is for the caller.
      this.#election.waitFor(moving);
      await moving;
    } catch (error) {
      for (const { boot } of old) if (boot !== null) boot.isDraining = false;
      await Promise.all(fresh.map((member) => member.stop()));
      if (!this.#election.isHeld) await this.#election.elect();
      throw error;
    } finally {
      this.#isReplacing = false;
    }
    await Promise.all(old.map((member) => member.stop()));
    for (const { number } of old) this.#options.onEvent({ event: 'enclave-drained', member: number });
  }

  /** Ends all of them. */
  async stop(): Promise<void> {
    await this.#lease.give(null);
    await Promise.all(this.#members.map((member) => member.stop()));
  }

  async #takeOver(old: readonly PoolMember[], fresh: PoolMember[], next: Replacement, milliseconds: number) {
    const boots = old.flatMap(({ boot }) => boot ?? []);
    for (const boot of boots) boot.isDraining = true;
    await Promise.all(boots.map((boot) => boot.idleWithin(milliseconds)));
    await this.#lease.move(next.moveStore);
    this.#members = fresh;
    this.#launch = next.launch;
    for (const boot of boots) this.#routes.forget(boot);
    // Not by settled(), which this is part of.
    await this.#election.elect();
  }

  #newMember(program: PoolMember['program'], number: number, launch = this.#launch): PoolMember {
    const { collateral } = this.#options;
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
    if (event.event === 'enclave-lost' && member === this.keeper) void this.#election.elect();
    if (event.event === 'enclave-started' && this.keeper === null) void this.#election.elect();
  }
}

/** Numbers that none of these has; few, as they are labels of metrics. */
function freeNumbers(members: readonly PoolMember[]): number[] {
  const used = new Set(members.map(({ number }) => number));
  return Array.from({ length: 2 * maxMembers }, (_, index) => index + 1).filter((number) => !used.has(number));
}

function busy(): TeeError {
  return new TeeError('ERR_BUSY', 'Enclaves of this pool are being drained or replaced.');
}
