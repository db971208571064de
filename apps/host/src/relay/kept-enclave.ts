import {
  type EnclaveProgram,
  type LaunchedEnclave,
  type LaunchOptions,
  launchEnclave,
} from '@neo-service-layer/occlum-interface';

/** What happens to a kept enclave. */
export type EnclaveEvent =
  | { event: 'enclave-started'; pid: number; startMs: number }
  | { event: 'enclave-lost'; pid: number; how: string }
  | { event: 'enclave-failed'; message: string };

/** Longest run of failed starts before it gives up. */
const maxFailures = 5;

/** Keeps one enclave running: starts it again when it ends, slower each time it fails, until it fails for good. */
export class KeptEnclave {
  readonly #program: EnclaveProgram;
  readonly #options: LaunchOptions;
  readonly #onEvent: (event: EnclaveEvent) => void;
  #current: LaunchedEnclave | null = null;
  #stopping: AbortController = new AbortController();
  #running: Promise<void> | null = null;

  constructor(program: EnclaveProgram, options: LaunchOptions, onEvent: (event: EnclaveEvent) => void) {
    this.#program = program;
    this.#options = options;
    this.#onEvent = onEvent;
  }

  /** The enclave that runs now, or null between two. */
  get current(): LaunchedEnclave | null {
    return this.#current;
  }

  /** Keeps it running. Resolves after {@link stop}, or when starting failed for good. */
  keep(): Promise<void> {
    this.#running ??= this.#loop();
    return this.#running;
  }

  /** Ends it and starts it no more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#current?.stop();
    await this.#running;
  }

  async #loop(): Promise<void> {
    for (let failures = 0; !this.#stopping.signal.aborted && failures < maxFailures; ) {
      const startedAt = performance.now();
      try {
        const enclave = await launchEnclave(this.#program, this.#options);
        failures = 0;
        this.#current = enclave;
        this.#onEvent({ event: 'enclave-started', pid: enclave.pid, startMs: performance.now() - startedAt });
        if (this.#stopping.signal.aborted) await enclave.stop();
        const how = await enclave.exited;
        this.#current = null;
        if (!this.#stopping.signal.aborted) this.#onEvent({ event: 'enclave-lost', pid: enclave.pid, how });
      } catch (error) {
        failures += 1;
        this.#onEvent({ event: 'enclave-failed', message: error instanceof Error ? error.message : 'unknown' });
        await pause(100 * 2 ** failures, this.#stopping.signal);
      }
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
