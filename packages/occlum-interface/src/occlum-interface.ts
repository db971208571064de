import { EnclaveCalls, HostLinkTransport, TeeClient, type UserKey } from '@neo-service-layer/tee-client';
import {
  type AppraisalPolicy,
  type AttestationReportCheck,
  type CallOptions,
  type Collateral,
  type EnclaveMethodName,
  type ITeeInterface,
  TeeError,
  type TeeMethodInput,
  type TeeMethodOutput,
  type Verdict,
} from '@neo-service-layer/tee-interface';
import { type EnclaveProgram, type LaunchedEnclave, type LaunchOptions, launchEnclave } from './launch.ts';

/** What {@link OcclumInterface} launches, and by what it judges it. */
export interface OcclumInterfaceOptions extends LaunchOptions {
  /** The enclave, or a function that builds it if it is stale; called once by each initialize. */
  enclave: EnclaveProgram | (() => Promise<EnclaveProgram>);
  /** What the enclave must prove, e.g. the MRENCLAVE that the build printed. */
  policy: AppraisalPolicy;
  /** Where collateral for a quote comes from: a CollateralService (PCS, PCCS), or the simulated platform. */
  collateral: (quote: Uint8Array) => Promise<Collateral>;
  /** Root certificates (DER or PEM) to trust instead of Intel's. */
  trustAnchors?: readonly Uint8Array[];
  /** Who calls; see `TeeClientOptions.user`. Default: an anonymous caller. */
  user?: UserKey;
  /** Unix seconds; default the machine's clock. */
  now?: () => number;
}

/**
 * Launches an Occlum enclave and calls it: the plain interface for a caller that trusts its own process.
 *
 * It verifies the enclave as any remote party would and speaks to it through the attested channel, so the host link
 * carries ciphertext only. It ends the process it started on dispose, and only that.
 */
export class OcclumInterface extends EnclaveCalls implements ITeeInterface {
  readonly #options: OcclumInterfaceOptions;
  #running: Promise<{ enclave: LaunchedEnclave; client: TeeClient }> | null = null;
  #disposed = false;

  constructor(options: OcclumInterfaceOptions) {
    super();
    this.#options = options;
  }

  /** What the enclave proved when it was last verified. Null before initialize. */
  async evidence(): Promise<Verdict | null> {
    return this.#running === null ? null : (await this.#running).client.evidence;
  }

  /** The document that proved it, for others to check: see `TeeClient.evidenceDocument`. Null before initialize. */
  async evidenceDocument(): Promise<Uint8Array | null> {
    return this.#running === null ? null : (await this.#running).client.evidenceDocument;
  }

  /** The enclave's process. Null before initialize and after it was lost. */
  async enclave(): Promise<LaunchedEnclave | null> {
    return this.#running === null ? null : (await this.#running).enclave;
  }

  async initialize(): Promise<void> {
    await this.#client();
  }

  async verifyAttestationReport(input: AttestationReportCheck): Promise<Verdict> {
    return (await this.#client()).verifyAttestationReport(input);
  }

  /** As `TeeClient.sealStream`. */
  async sealStream(...args: Parameters<TeeClient['sealStream']>): Promise<ReadableStream<Uint8Array>> {
    return (await this.#client()).sealStream(...args);
  }

  /** As `TeeClient.unsealStream`. */
  async unsealStream(...args: Parameters<TeeClient['unsealStream']>): Promise<ReadableStream<Uint8Array>> {
    return (await this.#client()).unsealStream(...args);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    const running = this.#running;
    this.#running = null;
    // A start that fails while it is disposed of has cleaned up after itself.
    const started = await running?.catch(() => null);
    await started?.client.dispose();
    await started?.enclave.stop();
  }

  /** Through the client's own method, which checks more than the answer's shape. */
  protected override async call<Name extends EnclaveMethodName>(
    name: Name,
    input?: TeeMethodInput<Name>,
    options?: CallOptions,
  ): Promise<TeeMethodOutput<Name>> {
    const client = await this.#client();
    const method = client[name] as (input?: unknown, options?: CallOptions) => Promise<unknown>;
    return (await method.call(client, input, options)) as TeeMethodOutput<Name>;
  }

  async #client(): Promise<TeeClient> {
    if (this.#disposed) throw new TeeError('ERR_DISPOSED', 'The interface was disposed of.');
    this.#running ??= this.#start();
    return (await this.#running).client;
  }

  #start(): Promise<{ enclave: LaunchedEnclave; client: TeeClient }> {
    const starting = this.#launch();
    // A failed start, or an enclave that was lost, makes way for a new one at the next call.
    const forget = () => {
      if (this.#running === starting) this.#running = null;
    };
    starting.then(({ enclave }) => enclave.exited.then(forget), forget);
    return starting;
  }

  async #launch(): Promise<{ enclave: LaunchedEnclave; client: TeeClient }> {
    const { enclave: source, policy, collateral, trustAnchors, user, now, ...launchOptions } = this.#options;
    const enclave = await launchEnclave(typeof source === 'function' ? await source() : source, launchOptions);
    try {
      const client = await TeeClient.connect({
        transport: new HostLinkTransport(enclave.link, collateral),
        policy,
        ...(trustAnchors === undefined ? {} : { trustAnchors }),
        ...(user === undefined ? {} : { user }),
        ...(now === undefined ? {} : { now }),
      });
      return { enclave, client };
    } catch (error) {
      await enclave.stop(0);
      throw error;
    }
  }
}
