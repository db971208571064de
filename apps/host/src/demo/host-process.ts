import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** An event line of `neo-tee serve`. */
export interface HostEvent {
  event: 'listening' | 'enclave-started' | 'enclave-lost' | 'enclave-failed';
  url?: string;
  pid?: number;
  message?: string;
}

/** The untrusted host in a process of its own, as an operator would run it. */
export class HostProcess {
  readonly #child: ChildProcess;
  readonly #events: HostEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #exited = false;
  #stderr = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4000);
    });
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.#events.push(JSON.parse(line));
        this.#wake();
      });
    }
    child.once('exit', () => {
      this.#exited = true;
      this.#wake();
    });
  }

  /** Starts it on a free port. It ends with this process, however this process ends. */
  static start(args: readonly string[] = []): HostProcess {
    const program = fileURLToPath(new URL('../../bin/neo-tee.js', import.meta.url));
    const command = [program, 'serve', '--port', '0', '--exit-with-stdin', ...args];
    return new HostProcess(spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'pipe'] }));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The next event of this kind that was not taken yet. @throws when the host ends, or after a minute */
  async next(kind: HostEvent['event']): Promise<HostEvent> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const index = this.#events.findIndex(({ event }) => event === kind);
      const found = index < 0 ? undefined : this.#events.splice(index, 1)[0];
      if (found) return found;
      const failure = this.#events.find(({ event }) => event === 'enclave-failed');
      if (failure) throw new Error(`the enclave did not start: ${failure.message}`);
      if (this.#exited) throw new Error(`the host ended: ${this.#stderr}`);
      if (Date.now() > deadline) throw new Error(`the host did not report ${kind} within a minute: ${this.#stderr}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Ends it and waits until it is gone, with its enclave. */
  async stop(): Promise<void> {
    this.#child.stdin?.end();
    while (!this.#exited) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
