import { HostProcess } from './host-process.ts';

/** What a host of `neo-tee dev` runs with. */
export interface DevHostOptions {
  /** TEE_HOME: instance, keys, sealed data and the simulated machine. */
  home: string;
  port: number;
  /** Is told each line of the host and of its enclave. */
  onLog: (line: string) => void;
}

/** A simulated enclave behind a host of its own, which can be changed between two starts. */
export class DevHost {
  readonly #options: DevHostOptions;
  #port: number;
  #process: HostProcess | null = null;
  #url = '';
  #instance = 'runtime';

  constructor(options: DevHostOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  /** Where it listens, after {@link start}. */
  get url(): string {
    return this.#url;
  }

  /** Builds the image if it is stale, starts the host, and waits for its enclave. @throws when the host ends instead */
  async start(): Promise<void> {
    const { home, onLog } = this.#options;
    const env = { ...process.env, OCCLUM_SIMULATION: '1', TEE_HOME: home, TEE_INSTANCE: this.#instance };
    this.#process = HostProcess.start({ port: this.#port, env, onLog });
    await this.#process.next('enclave-started');
    this.#url = (await this.#process.next('listening')).url ?? '';
  }

  /** Ends it, lets something be done to what lies on the disk, and starts it (with another instance of its home, if told). */
  async restart(meanwhile: () => Promise<void> = async () => {}, instance: string = this.#instance): Promise<void> {
    await this.stop();
    this.#instance = instance;
    await meanwhile();
    await this.start();
  }

  /** Starts it anew at another port. */
  async moveTo(port: number): Promise<void> {
    await this.stop();
    this.#port = port;
    await this.start();
  }

  /** Ends it, with its enclave. */
  async stop(): Promise<void> {
    await this.#process?.stop();
    this.#process = null;
  }
}
