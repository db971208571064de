import {
  type EnclaveProgram,
  type LaunchedEnclave,
  type LaunchOptions,
  launchEnclave,
} from '@neo-service-layer/occlum-interface';
import { Supervisor, type SupervisorEvent, type SupervisorMetrics } from '@neo-service-layer/occlum-manager';
import { linkCalls } from '@neo-service-layer/tee-channel/host-link';

/** What happens to a supervised enclave, for whoever runs the host. */
export type EnclaveEvent =
  | { event: 'enclave-started'; pid: number; startMs: number }
  | { event: 'enclave-lost'; pid: number; how: string }
  | { event: 'enclave-failed'; message: string };

/** Keeps one enclave of a host running by a {@link Supervisor}: probed over its link, started again when it is lost. */
export class SupervisedEnclave {
  readonly #supervisor: Supervisor<LaunchedEnclave>;
  readonly #onEvent: (event: EnclaveEvent) => void;
  /** Resolves when it is started no more because it ended again and again. */
  readonly givenUp: Promise<void>;
  #giveUp: () => void = () => {};
  #launched: LaunchedEnclave | null = null;
  #isReady = false;

  /** @param options how to launch; where it is a function, it is asked before each start */
  constructor(
    program: EnclaveProgram,
    options: LaunchOptions | (() => LaunchOptions),
    onEvent: (event: EnclaveEvent) => void,
  ) {
    this.#onEvent = onEvent;
    this.givenUp = new Promise((resolve) => {
      this.#giveUp = resolve;
    });
    this.#supervisor = new Supervisor({
      launch: async (signal) => {
        const chosen = typeof options === 'function' ? options() : options;
        this.#launched = await launchEnclave(program, { ...chosen, signal });
        return this.#launched;
      },
      probe: ({ link }) => link.call(linkCalls.ping, new Uint8Array()),
      // One that served for a while did not fail by itself over and over: whoever ends it ends it, and it comes back.
      restart: { stableMs: 5000 },
      onEvent: (event) => this.#tell(event),
    });
  }

  /** The enclave that runs now, or null between two. */
  get current(): LaunchedEnclave | null {
    return this.#isReady ? this.#launched : null;
  }

  /** Starts it. @throws {TeeError} ERR_ENCLAVE_START when it ends again and again */
  async start(): Promise<void> {
    await this.#supervisor.start();
  }

  /** Counts of starts, losses and failed probes. */
  metrics(): SupervisorMetrics {
    return this.#supervisor.metrics();
  }

  /** Ends it and starts it no more. */
  stop(): Promise<void> {
    return this.#supervisor.stop();
  }

  #tell(event: SupervisorEvent): void {
    const pid = this.#launched?.pid ?? 0;
    this.#isReady = event.event === 'ready' || (this.#isReady && event.event === 'probe-failed');
    switch (event.event) {
      case 'ready':
        this.#onEvent({ event: 'enclave-started', pid, startMs: event.afterMs });
        break;
      case 'lost':
        this.#onEvent({ event: 'enclave-lost', pid, how: event.reason });
        break;
      case 'start-failed':
        this.#onEvent({ event: 'enclave-failed', message: event.reason });
        break;
      case 'crash-loop':
        this.#giveUp();
        break;
    }
  }
}
