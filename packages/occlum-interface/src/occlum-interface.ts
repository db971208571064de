import { HostLinkTransport, TeeClient } from '@neo-service-layer/tee-client';
import {
  type AppraisalPolicy,
  type AttestationReport,
  type AttestationReportCheck,
  type AttestationReportRequest,
  type Collateral,
  type EnclaveInfo,
  type ITeeInterface,
  type JavaScriptCall,
  type JavaScriptOutcome,
  type SealRequest,
  TeeError,
  type UnsealRequest,
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
  /** Unix seconds; default the machine's clock. */
  now?: () => number;
}

/**
 * Launches an Occlum enclave and calls it: the plain interface for a caller that trusts its own process.
 *
 * It verifies the enclave as any remote party would and speaks to it through the attested channel, so the host link
 * carries ciphertext only. It ends the process it started on dispose, and only that.
 */
export class OcclumInterface implements ITeeInterface {
  readonly #options: OcclumInterfaceOptions;
  #running: Promise<{ enclave: LaunchedEnclave; client: TeeClient }> | null = null;
  #disposed = false;

  constructor(options: OcclumInterfaceOptions) {
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

  getInfo(): Promise<EnclaveInfo> {
    return this.#with((client) => client.getInfo());
  }

  getAttestationReport(input: AttestationReportRequest = {}): Promise<AttestationReport> {
    return this.#with((client) => client.getAttestationReport(input));
  }

  verifyAttestationReport(input: AttestationReportCheck): Promise<Verdict> {
    return this.#with((client) => client.verifyAttestationReport(input));
  }

  executeJavaScript(input: JavaScriptCall): Promise<JavaScriptOutcome> {
    return this.#with((client) => client.executeJavaScript(input));
  }

  sealData(input: SealRequest): Promise<Uint8Array> {
    return this.#with((client) => client.sealData(input));
  }

  unsealData(input: UnsealRequest): Promise<Uint8Array> {
    return this.#with((client) => client.unsealData(input));
  }

  getRandomBytes(input: { length: number }): Promise<Uint8Array> {
    return this.#with((client) => client.getRandomBytes(input));
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

  async #with<Result>(action: (client: TeeClient) => Promise<Result>): Promise<Result> {
    return action(await this.#client());
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
    const { enclave: source, policy, collateral, trustAnchors, now, ...launchOptions } = this.#options;
    const enclave = await launchEnclave(typeof source === 'function' ? await source() : source, launchOptions);
    try {
      const client = await TeeClient.connect({
        transport: new HostLinkTransport(enclave.link, collateral),
        policy,
        ...(trustAnchors === undefined ? {} : { trustAnchors }),
        ...(now === undefined ? {} : { now }),
      });
      return { enclave, client };
    } catch (error) {
      await enclave.stop(0);
      throw error;
    }
  }
}
