import type { EnclaveProgram, LaunchOptions } from '@neo-service-layer/occlum-interface';
import type { SupervisorMetrics } from '@neo-service-layer/occlum-manager';
import type { Collateral } from '@neo-service-layer/tee-interface';
import { EnclaveBoot } from './enclave-boot.ts';
import type { StoreLease } from './store-lease.ts';
import { type EnclaveEvent, SupervisedEnclave } from './supervised-enclave.ts';

/** What a member of a pool is made of. */
export interface PoolMemberOptions {
  /** From 1; no other member of the pool has it. */
  number: number;
  program: EnclaveProgram & { mrEnclave: string };
  /** Everything but the store. */
  launch: Omit<LaunchOptions, 'store'>;
  lease: StoreLease;
  collateral: (quote: Uint8Array) => Promise<Collateral>;
  /** It serves, or does so no more; `lost` is the boot that did, and has been told. */
  onChange: (member: PoolMember, event: EnclaveEvent, lost: EnclaveBoot | null) => void;
}

/** How its last boot was lost. */
export interface Loss {
  /** Milliseconds since 1970. */
  at: number;
  how: string;
}

/** One place in a pool: an enclave that is kept running, each of its boots a new enclave with the store on lease. */
export class PoolMember {
  readonly number: number;
  readonly program: PoolMemberOptions['program'];
  readonly #enclave: SupervisedEnclave;
  #boot: EnclaveBoot | null = null;
  #lastLoss: Loss | null = null;

  constructor({ number, program, launch, lease, collateral, onChange }: PoolMemberOptions) {
    this.number = number;
    this.program = program;
    // The store knows an enclave before it runs: what it asks for while it starts is refused, as it holds no lease.
    let holder: object = {};
    this.#enclave = new SupervisedEnclave(
      program,
      () => {
        holder = {};
        return { ...launch, store: lease.storeFor(holder) };
      },
      (event) => {
        const { current } = this.#enclave;
        if (event.event === 'enclave-started' && current !== null) {
          this.#boot = new EnclaveBoot(current, collateral, holder);
        }
        const lost = event.event === 'enclave-lost' ? this.#boot : null;
        if (event.event === 'enclave-lost') {
          this.#lastLoss = { at: Date.now(), how: event.how };
          this.#end();
        }
        onChange(this, event, lost);
      },
    );
  }

  /** The boot that serves, or null. */
  get boot(): EnclaveBoot | null {
    return this.#boot;
  }

  /** Resolves when it is started no more because it ended again and again. */
  get givenUp(): Promise<void> {
    return this.#enclave.givenUp;
  }

  /** How the last boot was lost, or null. */
  get lastLoss(): Loss | null {
    return this.#lastLoss;
  }

  /** Counts of starts, losses and failed probes. */
  metrics(): SupervisorMetrics {
    return this.#enclave.metrics();
  }

  /** Starts it, and keeps it running. @throws {TeeError} ERR_ENCLAVE_START when it ends again and again */
  start(): Promise<void> {
    return this.#enclave.start();
  }

  /** Ends it for good; what is under way on it is told ERR_ENCLAVE_LOST. */
  async stop(): Promise<void> {
    this.#end();
    await this.#enclave.stop();
  }

  #end(): void {
    this.#boot?.lose();
    this.#boot = null;
  }
}
