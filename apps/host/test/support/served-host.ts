import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { startCli } from './cli.ts';

/** An event that `neo-tee serve` tells. */
export interface HostEvent {
  event: string;
  url?: string;
  mrEnclave?: string;
  pid?: number;
}

/** `neo-tee serve` in a process of its own, on a free port, with its enclave running. */
export class ServedHost {
  readonly events: HostEvent[] = [];
  readonly #child: ChildProcessWithoutNullStreams;

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    let tail = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (tail + text).split('\n');
      tail = lines.pop() ?? '';
      for (const line of lines) this.events.push(JSON.parse(line));
    });
  }

  /** Starts it. @throws when it ends instead */
  static async start(env: NodeJS.ProcessEnv): Promise<ServedHost> {
    const host = new ServedHost(startCli(['serve', '--port', '0', '--exit-with-stdin'], env));
    await host.seen('listening');
    await host.seen('enclave-started');
    return host;
  }

  /** Where it listens. */
  get url(): string {
    return this.events.find(({ event }) => event === 'listening')?.url ?? '';
  }

  /** The first event of this name, or the first after so many events. @throws when the host ends before */
  async seen(name: string, since = 0): Promise<HostEvent> {
    for (;;) {
      const found = this.events.slice(since).find(({ event }) => event === name);
      if (found) return found;
      if (this.#child.exitCode !== null) throw new Error(`the host ended before ${name}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends it, with its enclave. */
  async stop(): Promise<void> {
    this.#child.stdin.end();
    if (this.#child.exitCode === null) await new Promise((resolve) => this.#child.once('exit', resolve));
  }
}
