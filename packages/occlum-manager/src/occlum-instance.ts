import { readFileSync } from 'node:fs';
import { occlumConfigText } from './config/config-text.ts';
import { parseOcclumJson } from './config/parse-config.ts';
import type { OcclumConfig } from './config/schema.ts';
import { writeWhole } from './files/write-whole.ts';
import type { InitRaConfig } from './init-ra/init-ra-config.ts';
import { buildInstance } from './instance/build-instance.ts';
import { buildState } from './instance/build-marker.ts';
import type { BuildOptions, BuildResult } from './instance/build-options.ts';
import { checkProgramPath } from './instance/check-program.ts';
import { readInitRa, writeInitRa } from './instance/init-ra-file.ts';
import { type InstanceLock, takeLock } from './instance/instance-lock.ts';
import { type InstanceLayout, instanceLayout } from './instance/layout.ts';
import { type Measurements, readMeasurements } from './instance/measurements.ts';
import { checkMount, type MountedImage, type MountOptions, mountImage } from './instance/mount-image.ts';
import { type PackagedInstance, type PackageOptions, packageInstance } from './instance/package-instance.ts';
import { mustBeBuilt, refuseServer } from './instance/preconditions.ts';
import { type ExecOptions, identityArguments, type RunOptions, type StartOptions } from './instance/run-options.ts';
import { type RunningProgram, startProgram } from './instance/running-program.ts';
import { type InstanceStatus, instanceStatus, serverProcess } from './instance/status.ts';
import { type OcclumTool, sgxModeOf } from './instance/tool.ts';
import { programEnvironment } from './process/clean-environment.ts';
import type { OcclumCommand } from './process/launch.ts';
import { runCommand } from './process/run-command.ts';
import { taskMark } from './process/task-mark.ts';

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
  #execs = 0;

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
    return parseOcclumJson(readFileSync(this.#layout.config, 'utf8'));
  }

  /**
   * Writes Occlum.json, whole or not at all, after checking it. The instance then counts as not built.
   *
   * @throws TeeError ERR_OCCLUM_CONFIG
   */
  async writeConfig(config: OcclumConfig): Promise<void> {
    await writeWhole(this.#layout.config, occlumConfigText(config));
  }

  /** What the init process attests itself to, null with the plain init. @throws TeeError ERR_OCCLUM_INIT_RA */
  async readInitRaConfig(): Promise<InitRaConfig | null> {
    return (await readInitRa(this.#layout)) ?? null;
  }

  /**
   * Writes init_ra_conf.json, whole or not at all, after checking it. It is measured: only the next build knows it.
   *
   * @throws TeeError ERR_OCCLUM_INIT_RA also when the instance was not made with an init process of that kind
   */
  async writeInitRaConfig(config: InitRaConfig): Promise<void> {
    await writeInitRa(this.#layout, config);
  }

  /**
   * Builds the instance. Afterwards it is built and verified to be what was asked for, or, when this throws, as it was
   * before; killed in the middle, it counts as not built and what programs had written is kept.
   *
   * @throws TeeError ERR_OCCLUM_CONFIG, ERR_OCCLUM_IMAGE, ERR_OCCLUM_INIT_RA, ERR_OCCLUM_SIGNING_KEY, ERR_OCCLUM_BUILD,
   *   ERR_OCCLUM_LOCKED, ERR_OCCLUM_ABORTED
   */
  async build(options: BuildOptions & { lockWaitMs?: number }): Promise<BuildResult> {
    return await this.#holding('build', options.lockWaitMs, async (lock) => {
      await refuseServer(this.#layout, 'build');
      const onStart = (pid: number): void => {
        options.onStart?.(pid);
        // Without the note an interrupted build's tools would merely not be ended by the next holder.
        lock.ownsGroup(pid).catch(() => {});
      };
      return await buildInstance(this.dir, this.#marked('build'), { ...options, onStart });
    });
  }

  /** What this build's enclave will be measured as, by the word of the host. @throws TeeError ERR_OCCLUM_NOT_BUILT */
  async measurements(): Promise<Measurements> {
    await mustBeBuilt(this.#layout, this.#tool);
    return await readMeasurements(this.dir, this.#tool);
  }

  /** Whether there is a whole build that fits Occlum.json and this manager's mode. */
  async isBuilt(): Promise<boolean> {
    return buildState(this.#layout, sgxModeOf(this.#tool)).built;
  }

  /**
   * Starts a program in an enclave of its own and holds the instance until it has ended.
   *
   * @param program absolute path in the image, below an entry point
   * @throws TeeError ERR_OCCLUM_NOT_BUILT, ERR_OCCLUM_LOCKED, ERR_INVALID_ARGUMENT, ERR_OCCLUM_ABORTED. That the
   *   enclave then refuses is told by the report, with kind `failed`.
   */
  async run(program: string, args: readonly string[] = [], options: RunOptions = {}): Promise<RunningProgram> {
    const config = await this.readConfig();
    const words = ['run', ...identityArguments(options, config), program, ...args];
    const command = this.#program(this.#marked('run'), config, program, words, options);
    const lock = await takeLock(this.#layout.lock, 'run', options.lockWaitMs);
    try {
      await mustBeBuilt(this.#layout, this.#tool);
      await refuseServer(this.#layout, 'run');
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
   * @throws TeeError ERR_ENCLAVE_START, ERR_OCCLUM_NOT_BUILT, ERR_OCCLUM_LOCKED, ERR_INVALID_ARGUMENT
   */
  async start(options: StartOptions = {}): Promise<void> {
    const identity = identityArguments(options, await this.readConfig());
    await this.#holding('start', options.lockWaitMs, async () => {
      await mustBeBuilt(this.#layout, this.#tool);
      await refuseServer(this.#layout, 'start');
      const log = { file: this.#layout.serverLog };
      const command = { ...this.#command(['start', ...identity]), stdout: log, stderr: log, leavesServer: true };
      await runCommand(command, { signal: options.signal, code: 'ERR_ENCLAVE_START' });
      this.#execs = 0;
    });
  }

  /**
   * Programs that this object ran by exec() since it started the server. Each leaves something on the LibOS's heap
   * (issues 609, 752, 753): a server for many programs wants a larger kernel_space_heap_size, and a restart at times.
   */
  get execs(): number {
    return this.#execs;
  }

  /** Runs a program in the server's enclave; several may run at once. @throws as run() does */
  async exec(program: string, args: readonly string[] = [], options: ExecOptions = {}): Promise<RunningProgram> {
    const command = this.#program(this.#tool, await this.readConfig(), program, ['exec', program, ...args], options);
    await mustBeBuilt(this.#layout, this.#tool);
    const running = await startProgram(command, 'exec', options.signal, async () => {});
    this.#execs += 1;
    return running;
  }

  /** Ends the server and every program in it; nothing to do when there is none. @throws TeeError ERR_OCCLUM_COMMAND */
  async stop(): Promise<void> {
    if ((await serverProcess(this.#layout)) === undefined) return;
    await runCommand(this.#command(['stop']));
  }

  /**
   * Packs the build into an archive in the instance's folder, to be unpacked and run on another machine.
   *
   * @throws TeeError ERR_OCCLUM_PACKAGE, ERR_OCCLUM_NOT_BUILT, ERR_OCCLUM_LOCKED, ERR_OCCLUM_ABORTED
   */
  async package(options: PackageOptions = {}): Promise<PackagedInstance> {
    return await this.#holding('package', options.lockWaitMs, async () => {
      await mustBeBuilt(this.#layout, this.#tool);
      return await packageInstance(this.dir, this.#marked('package'), await this.readConfig(), options);
    });
  }

  /**
   * Mounts what the enclave sees as its root on the host, decrypted, and holds the instance until it is unmounted.
   *
   * @param at absolute path of an empty folder
   * @throws TeeError ERR_OCCLUM_MOUNT, ERR_OCCLUM_SIGNING_KEY, ERR_OCCLUM_NOT_BUILT, ERR_OCCLUM_LOCKED
   */
  async mount(at: string, options: MountOptions): Promise<MountedImage> {
    const lock = await takeLock(this.#layout.lock, 'mount', options.lockWaitMs);
    try {
      await checkMount(at, await mustBeBuilt(this.#layout, this.#tool), options);
      await refuseServer(this.#layout, 'mount');
      return await mountImage(this.dir, at, this.#marked('mount'), options, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** What is there, judged by files and processes, not by the status file. */
  async status(): Promise<InstanceStatus> {
    return await instanceStatus(this.#layout, sgxModeOf(this.#tool));
  }

  #command(args: readonly string[]): OcclumCommand {
    return { executable: this.#tool.executable, args, cwd: this.dir, env: this.#tool.env };
  }

  /** The tool, recognisable as at work on what this process holds the lock for. */
  #marked(action: string): OcclumTool {
    return { ...this.#tool, env: { ...this.#tool.env, ...taskMark(action, this.#layout.lock) } };
  }

  #program(
    tool: OcclumTool,
    config: OcclumConfig,
    program: string,
    words: readonly string[],
    options: ExecOptions,
  ): OcclumCommand {
    checkProgramPath(program, config, this.#layout.image);
    const env = { ...tool.env, ...programEnvironment(options.env ?? {}, config.env.untrusted) };
    return { ...this.#command(words), env, stdout: options.stdout, stderr: options.stderr };
  }

  async #holding<T>(action: string, waitMs: number | undefined, work: (lock: InstanceLock) => Promise<T>): Promise<T> {
    const lock = await takeLock(this.#layout.lock, action, waitMs);
    try {
      return await work(lock);
    } finally {
      await lock.release();
    }
  }
}
