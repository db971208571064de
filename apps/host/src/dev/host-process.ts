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

/** How a host is started. */
export interface HostProcessOptions {
  /** Further words for `neo-tee serve`. */
  args?: readonly string[];
  /** Default 0: a free one. */
  port?: number;
  /** Default this process's. */
  env?: NodeJS.ProcessEnv;
  /** Is told each line that the host writes for people. */
  onLog?: ((line: string) => void) | undefined;
}

/** The untrusted host in a process of its own, as an operator would run it. */
export class HostProcess {
  readonly #child: ChildProcess;
  readonly #events: HostEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #exited = false;
  #stderr = '';

  private constructor(child: ChildProcess, onLog: ((line: string) => void) | undefined) {
    this.#child = child;
    if (child.stderr) {
      createInterface({ input: child.stderr }).on('line', (line) => {
        this.#stderr = `${this.#stderr}${line}\n`.slice(-4000);
        onLog?.(line);
      });
    }
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

  /** Starts it. It ends with this process, however this process ends. */
  static start({ args = [], port = 0, env = process.env, onLog }: HostProcessOptions = {}): HostProcess {
    const program = fileURLToPath(new URL('../../bin/neo-tee.js', import.meta.url));
    const command = [program, 'serve', '--port', String(port), '--exit-with-stdin', ...args];
    // Not in the group of this process: Ctrl-C is this one's to hear, and the host ends with its standard input.
    const child = spawn(process.execPath, command, { env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    return new HostProcess(child, onLog);
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
