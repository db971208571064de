import { once } from 'node:events';
import { join } from 'node:path';
import type { ITeeInterface } from '@neo-service-layer/tee-interface';
import { errorLines, type Output, printable } from '../cli/output.ts';
import type { HostSettings } from '../enclave/settings.ts';
import type { ProjectOptions } from '../project/project-file.ts';
import { connectTo } from '../users/tee-connection.ts';
import { userKeyOption } from '../users/user-key-option.ts';
import { ChangedFunctions, type Deployed } from './deploy-changed.ts';
import { DevHost } from './dev-host.ts';
import type { EvilRelay } from './evil-relay.ts';
import type { Fault } from './faults/fault.ts';
import { healMachine } from './faults/machine-faults.ts';
import { meetingLine, type Struck, strikeFault } from './faults/strike.ts';
import { functionFiles, watchFolder } from './function-files.ts';
import { countUp } from './meet.ts';

/** What a session works on. */
export interface DevSessionOptions {
  /** The project's folder. */
  folder: string;
  project: ProjectOptions & { url: string };
  settings: HostSettings;
  output: Output;
}

/** One run of `neo-tee dev`. */
export class DevSession {
  readonly #options: DevSessionOptions;
  readonly #host: DevHost;
  readonly #functions: ChangedFunctions;
  readonly #port: number;
  #relay: EvilRelay | null = null;
  #isConnected = false;

  constructor(options: DevSessionOptions) {
    this.#options = options;
    this.#functions = new ChangedFunctions(options.settings.home);
    this.#port = Number(new URL(options.project.url).port);
    const onLog = (line: string) => options.output.progress(`  ${printable(line)}`);
    this.#host = new DevHost({ home: options.settings.home, port: this.#port, onLog });
  }

  /** Starts the host and its enclave. @throws what starting them throws */
  async start(): Promise<void> {
    await healMachine(this.#options.settings);
    await this.#host.start();
    this.#options.output.line(`SIMULATION: an enclave at ${this.#host.url}, which protects nothing.`);
  }

  /** Deploys what was changed; what went wrong with one function is said, and the others go on. */
  async deployChanged(): Promise<Deployed[]> {
    const { folder, output } = this.#options;
    const done: Deployed[] = [];
    try {
      const files = await functionFiles(join(folder, 'functions'));
      const tee = await this.#connect();
      for (const file of files) {
        try {
          const deployed = await this.#functions.deploy(tee, file);
          if (deployed === null) continue;
          done.push(deployed);
          for (const line of deployedLines(deployed)) output.line(printable(line));
        } catch (error) {
          this.#say(error, file.functionId);
        }
      }
      await tee.dispose();
    } catch (error) {
      this.#say(error);
    }
    return done;
  }

  /** Plays a fault and says what came of it. */
  async strike(fault: Fault): Promise<Struck> {
    const { output, settings } = this.#options;
    output.line();
    output.line(`FAULT ${fault.name}: ${fault.what}`);
    const struck = await strikeFault(fault, {
      host: this.#host,
      settings,
      port: this.#port,
      meet: () => countUp(() => this.#connect()),
      onLog: (line) => output.progress(`  ${printable(line)}`),
    });
    this.#relay = struck.relay;
    output.line(`  before    ${printable(meetingLine(struck.before))}`);
    output.line(`  after     ${printable(meetingLine(struck.after))}`);
    output.line(`  expected  ${fault.expected}`);
    output.line(`  ${struck.isExpected ? 'as expected' : 'NOT AS EXPECTED'}`);
    return struck;
  }

  /** Deploys what is saved, until the signal. */
  async watch(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { folder, output } = this.#options;
    output.line('watching functions/; Ctrl-C ends');
    const watcher = watchFolder(join(folder, 'functions'), async () => void (await this.deployChanged()));
    await once(signal, 'abort');
    watcher.close();
  }

  /** Ends everything that was started. */
  async close(): Promise<void> {
    await this.#relay?.close();
    await this.#host.stop();
  }

  async #connect(): Promise<ITeeInterface> {
    const { project, settings, output } = this.#options;
    const user = await userKeyOption(project['user-id'], project['user-key']);
    // What the policy leaves open is said once.
    const progress = this.#isConnected ? () => {} : output.progress;
    this.#isConnected = true;
    return connectTo({ settings, output: { ...output, progress } }, project, user);
  }

  #say(error: unknown, functionId?: string): void {
    const lines = errorLines(error);
    const { output } = this.#options;
    for (const line of functionId === undefined ? lines : [`${functionId}:`, ...lines.map((text) => `  ${text}`)])
      output.line(line);
  }
}

function deployedLines({ functionId, version, functionHash, outcome }: Deployed): string[] {
  const head = `${functionId}: version ${version}, ${functionHash.slice(0, 16)}…`;
  if (outcome === null) return [head];
  return [
    `${head}, gas ${outcome.gasUsed}`,
    ...outcome.logs.map((line) => `  ${line}`),
    `  ${JSON.stringify(outcome.result)}`,
  ];
}
