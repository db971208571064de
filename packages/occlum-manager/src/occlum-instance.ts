import { readFile, rename, writeFile } from 'node:fs/promises';
import { TeeError } from '@neo-service-layer/tee-interface';
import { occlumConfigText } from './config/config-text.ts';
import { parseOcclumJson } from './config/parse-config.ts';
import type { OcclumConfig } from './config/schema.ts';
import { buildInstance } from './instance/build-instance.ts';
import { type BuildMarker, buildState } from './instance/build-marker.ts';
import type { BuildOptions, BuildResult } from './instance/build-options.ts';
import { checkProgramPath } from './instance/check-program.ts';
import { type InstanceLock, takeLock } from './instance/instance-lock.ts';
import { type InstanceLayout, instanceLayout } from './instance/layout.ts';
import { type Measurements, readMeasurements } from './instance/measurements.ts';
import { type RunningProgram, startProgram } from './instance/running-program.ts';
import { type InstanceStatus, instanceStatus, serverProcess } from './instance/status.ts';
import { type OcclumTool, sgxModeOf } from './instance/tool.ts';
import { programEnvironment } from './process/clean-environment.ts';
import type { OcclumCommand, OutputSink } from './process/launch.ts';
import { runCommand } from './process/run-command.ts';

/** How a program is started. */
export interface RunOptions {
  /** Variables for the program; Occlum.json must name each in env.untrusted. */
  env?: Readonly<Record<string, string>>;
  /** Ends the program and everything started for it. */
  signal?: AbortSignal;
  /** Where its output goes; default: only the end is kept, for the report. */
  stdout?: OutputSink;
  stderr?: OutputSink;
  /** How long to wait while another process works with the instance; default 0: ERR_OCCLUM_LOCKED at once. */
  lockWaitMs?: number;
}

/**
 * One Occlum instance: a folder with a configuration, an image, and what is built of them. Made by an OcclumManager.
 *
 * Everything that changes the instance or opens its file system holds its lock, over all processes: Occlum itself does
 * not stop a second program from opening the encrypted file system, which damages it (occlum-contract §1.7).
 */
export class OcclumInstance {
  /** Absolute, links resolved. */
  readonly dir: string;
  readonly #tool: OcclumTool;
  readonly #layout: InstanceLayout;

  constructor(dir: string, tool: OcclumTool) {
    this.dir = dir;
    this.#tool = tool;
    this.#layout = instanceLayout(dir);
  }

  /** Folder of the image, to be filled before build(). */
  get imageDir(): string {
    return this.#layout.image;
  }

  /** @throws TeeError ERR_OCCLUM_CONFIG */
  async readConfig(): Promise<OcclumConfig> {
    return parseOcclumJson(await readFile(this.#layout.config, 'utf8'));
  }

  /**
   * Writes Occlum.json, whole or not at all, after checking it. The instance then counts as not built.
   *
   * @throws TeeError ERR_OCCLUM_CONFIG
   */
  async writeConfig(config: OcclumConfig): Promise<void> {
    const draft = `${this.#layout.config}.draft`;
    await writeFile(draft, occlumConfigText(config));
    await rename(draft, this.#layout.config);
  }

  /**
   * Builds the instance. Afterwards it is built and verified to be what was asked for, or, when this throws, as it was
   * before; killed in the middle, it counts as not built and what programs had written is kept.
   *
   * @throws TeeError ERR_OCCLUM_CONFIG, ERR_OCCLUM_IMAGE, ERR_OCCLUM_SIGNING_KEY, ERR_OCCLUM_BUILD, ERR_OCCLUM_LOCKED,
   *   ERR_OCCLUM_ABORTED
   */
  async build(options: BuildOptions & { lockWaitMs?: number }): Promise<BuildResult> {
    const lock = await this.#lock('build', options.lockWaitMs);
    try {
      await this.#refuseServer('build');
      const onStart = (pid: number): void => {
        options.onStart?.(pid);
        // Without the note an interrupted build's tools would merely not be ended by the next holder.
        lock.ownsGroup(pid).catch(() => {});
      };
      return await buildInstance(this.dir, this.#tool, { ...options, onStart });
    } finally {
      await lock.release();
    }
  }

  /** What this build's enclave will be measured as, by the word of the host. @throws TeeError ERR_OCCLUM_NOT_BUILT */
  async measurements(): Promise<Measurements> {
    await this.#builtOrThrow();
    return await readMeasurements(this.dir, this.#tool);
  }

  /** Whether there is a whole build that fits Occlum.json and this manager's mode. */
  async isBuilt(): Promise<boolean> {
    return (await buildState(this.#layout, sgxModeOf(this.#tool))).built;
  }

  /**
   * Starts a program in an enclave of its own and holds the instance until it has ended.
   *
   * @param program absolute path in the image, below an entry point
   * @throws TeeError ERR_OCCLUM_NOT_BUILT, ERR_OCCLUM_LOCKED, ERR_INVALID_ARGUMENT, ERR_OCCLUM_ABORTED. That the
   *   enclave then refuses is told by the report, with kind `failed`.
   */
  async run(program: string, args: readonly string[] = [], options: RunOptions = {}): Promise<RunningProgram> {
    const command = await this.#program('run', program, args, options);
    const lock = await this.#lock('run', options.lockWaitMs);
    try {
      await this.#builtOrThrow();
      await this.#refuseServer('run');
      const running = await startProgram(command, 'run', options.signal, () => lock.release());
      await lock.ownsGroup(running.pid).catch(async (error: unknown) => {
        await running.stop({ graceMs: 0 });
        throw error;
      });
      return running;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /**
   * Starts the enclave as a server in which exec() runs programs. It outlives this process; stop() ends it. Its errors
   * go to `.manager/server.log`: a pipe would stay open for the server's whole life (occlum-contract §1.7).
   *
   * @throws TeeError ERR_ENCLAVE_START, ERR_OCCLUM_NOT_BUILT, ERR_OCCLUM_LOCKED
   */
  async start(options: { signal?: AbortSignal; lockWaitMs?: number } = {}): Promise<void> {
    const lock = await this.#lock('start', options.lockWaitMs);
    try {
      await this.#builtOrThrow();
      await this.#refuseServer('start');
      const log = { file: this.#layout.serverLog };
      const command = { ...this.#command(['start']), stdout: log, stderr: log, leavesServer: true };
      await runCommand(command, { signal: options.signal, code: 'ERR_ENCLAVE_START' });
    } finally {
      await lock.release();
    }
  }

  /** Runs a program in the server's enclave; several may run at once. @throws as run() does */
  async exec(program: string, args: readonly string[] = [], options: RunOptions = {}): Promise<RunningProgram> {
    const command = await this.#program('exec', program, args, options);
    await this.#builtOrThrow();
    return await startProgram(command, 'exec', options.signal, async () => {});
  }

  /** Ends the server and every program in it; nothing to do when there is none. @throws TeeError ERR_OCCLUM_COMMAND */
  async stop(): Promise<void> {
    if ((await serverProcess(this.#layout)) === undefined) return;
    await runCommand(this.#command(['stop']));
  }

  /** What is there, judged by files and processes, not by the status file. */
  async status(): Promise<InstanceStatus> {
    return await instanceStatus(this.#layout, sgxModeOf(this.#tool));
  }

  #command(args: readonly string[], env: Readonly<Record<string, string>> = {}): OcclumCommand {
    return { executable: this.#tool.executable, args, cwd: this.dir, env: { ...this.#tool.env, ...env } };
  }

  async #program(
    kind: 'run' | 'exec',
    program: string,
    args: readonly string[],
    options: RunOptions,
  ): Promise<OcclumCommand> {
    const config = await this.readConfig();
    checkProgramPath(program, config, this.#layout.image);
    const env = programEnvironment(options.env ?? {}, config.env.untrusted);
    return { ...this.#command([kind, program, ...args], env), stdout: options.stdout, stderr: options.stderr };
  }

  #lock(action: string, waitMs?: number): Promise<InstanceLock> {
    return takeLock(this.#layout.lock, action, waitMs);
  }

  async #builtOrThrow(): Promise<BuildMarker> {
    const state = await buildState(this.#layout, sgxModeOf(this.#tool));
    if (state.built) return state.marker;
    throw new TeeError('ERR_OCCLUM_NOT_BUILT', `the instance is not built: ${state.reason}`, {
      actual: this.dir,
      hint: 'Call build().',
    });
  }

  async #refuseServer(action: string): Promise<void> {
    const pid = await serverProcess(this.#layout);
    if (pid === undefined) return;
    throw new TeeError('ERR_OCCLUM_LOCKED', `a server of the instance runs; ${action} would damage its file system`, {
      actual: `process ${pid}`,
      hint: 'Call stop() first.',
    });
  }
}
