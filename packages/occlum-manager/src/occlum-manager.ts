import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import type { InitRaKind } from './init-ra/init-ra-config.ts';
import { instancePath, refusePrefixNames } from './instance/instance-path.ts';
import { instanceLayout } from './instance/layout.ts';
import type { OcclumTool } from './instance/tool.ts';
import { findOcclum, findSimulator } from './locate/find-executable.ts';
import { OcclumInstance } from './occlum-instance.ts';
import { cleanEnvironment, simulatorEnvironment } from './process/clean-environment.ts';
import { processIdentity, processState } from './process/process-identity.ts';
import { runCommand } from './process/run-command.ts';

/** How {@link OcclumManager.locate} looks for occlum. */
export interface LocateOptions {
  /** True: occlum-sim, no SGX. Reading OCCLUM_SIMULATION is the caller's business. */
  simulation: boolean;
  /** Instead of OCCLUM_PATH: root of an installation, folder of the executable, or the executable. */
  occlumPath?: string;
  /** Environment to search and to hand on in part; default `process.env`. */
  env?: NodeJS.ProcessEnv;
  /** State folder of the simulated platform (OCCLUM_SIM_PLATFORM); without effect on hardware. */
  platformDir?: string;
  /** `none`: programs run without the image as root file system, for machines without user namespaces; simulation only. */
  rootfs?: 'image' | 'none';
}

/**
 * Drives one `occlum` (or `occlum-sim`, with the same command line). Runs on the untrusted host: nothing it says about
 * an enclave is proof of anything; that is what attestation is for.
 */
export class OcclumManager {
  readonly #tool: OcclumTool;

  private constructor(tool: OcclumTool) {
    this.#tool = tool;
  }

  /**
   * Finds the executable. Never falls back from hardware to simulation.
   *
   * @throws TeeError ERR_OCCLUM_NOT_FOUND
   */
  static async locate(options: LocateOptions): Promise<OcclumManager> {
    const env = options.env ?? process.env;
    const { simulation, platformDir, rootfs } = options;
    if (!simulation && rootfs === 'none') {
      throw new TeeError('ERR_INVALID_ARGUMENT', 'only a simulated enclave can run without its image as root');
    }
    const simulator = simulation && options.occlumPath === undefined;
    const executable = simulator ? await findSimulator(env) : await findOcclum(env, options.occlumPath);
    const platform = platformDir ?? (simulation ? env['OCCLUM_SIM_PLATFORM'] : undefined);
    return new OcclumManager({
      executable,
      demandsPie: !simulator,
      mode: simulation ? 'simulation' : 'hardware',
      rootfs: rootfs ?? 'image',
      env: {
        ...(simulation ? simulatorEnvironment(env) : cleanEnvironment(env)),
        SGX_MODE: simulation ? 'SIM' : 'HW',
        ...(platform === undefined ? {} : { OCCLUM_SIM_PLATFORM: platform }),
        ...(rootfs === 'none' ? { OCCLUM_SIM_NO_ROOTFS: '1' } : {}),
      },
    });
  }

  /** Path of the executable (of the script, when it is run by Node). */
  get executable(): string {
    return this.#tool.executable.firstArguments[0] ?? this.#tool.executable.file;
  }

  /**
   * The loader of this occlum's own C library, to be given to copyBom() and programFiles(): programs call the LibOS
   * through that library (occlum-contract §1.4, §3). Undefined for occlum-sim, where they take the host's, and for an
   * installation that only runs what was built elsewhere.
   */
  get programLoader(): string | undefined {
    const loader = join(this.executable, '../../..', 'glibc/lib/ld-linux-x86-64.so.2');
    return existsSync(loader) ? loader : undefined;
  }

  get mode(): 'simulation' | 'hardware' {
    return this.#tool.mode;
  }

  /** Whether programs see the image as their root file system; `none` only in simulation. */
  get rootfs(): 'image' | 'none' {
    return this.#tool.rootfs;
  }

  /**
   * Makes a new instance with Occlum's template configuration and image. It appears under its name whole or not at
   * all: it is made beside it and renamed, since a failed `occlum new` leaves something that can neither be used nor
   * made again (occlum-contract §1.4).
   *
   * @param dir must not exist, or be empty; its parent is made
   * @param options.initRa with an init process that attests itself to a key service before programs start; write its
   *   configuration with writeInitRaConfig() before the first build
   * @throws TeeError ERR_OCCLUM_INSTANCE, ERR_OCCLUM_COMMAND
   */
  async createInstance(dir: string, options: { initRa?: InitRaKind } = {}): Promise<OcclumInstance> {
    await mkdir(dirname(dir), { recursive: true });
    const path = await instancePath(dir);
    const there = await readdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw new TeeError('ERR_OCCLUM_INSTANCE', `${path} is not a folder`, { cause: error });
    });
    if (there.length > 0) throw occupied(path);
    await refusePrefixNames(path);
    await removeAbandoned(path);
    const draft = join(dirname(path), draftName(path));
    try {
      await runCommand({
        executable: this.#tool.executable,
        args: ['new', draft, ...(options.initRa === undefined ? [] : ['--init-ra', options.initRa])],
        cwd: dirname(path),
        env: this.#tool.env,
      });
      await mustBeInstance(draft);
      if (options.initRa !== undefined) await mustHaveInitRa(draft, options.initRa);
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      const { code } = error as NodeJS.ErrnoException;
      throw code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR' ? occupied(path) : error;
    }
    return new OcclumInstance(path, this.#tool);
  }

  /**
   * Opens an instance that exists. Says nothing about whether it is built.
   *
   * @throws TeeError ERR_OCCLUM_INSTANCE
   */
  async openInstance(dir: string): Promise<OcclumInstance> {
    const path = await instancePath(dir);
    await mustBeInstance(path);
    return new OcclumInstance(path, this.#tool);
  }
}

async function mustBeInstance(path: string): Promise<void> {
  const layout = instanceLayout(path);
  for (const file of [layout.status, layout.config]) {
    if ((await stat(file).catch(() => undefined))?.isFile()) continue;
    throw new TeeError('ERR_OCCLUM_INSTANCE', `${path} is not an Occlum instance`, {
      expected: file,
      hint: 'Make one with createInstance(); remove what a failed occlum init left behind.',
    });
  }
}

/** An init-RA that the tool does not know silently becomes the plain init (occlum-contract §1.3). */
async function mustHaveInitRa(path: string, kind: InitRaKind): Promise<void> {
  if ((await stat(instanceLayout(path).initRaConfig).catch(() => undefined))?.isFile()) return;
  throw new TeeError('ERR_OCCLUM_INSTANCE', `this occlum made no init process for ${kind}`, {
    expected: 'init_ra_conf.json in the new instance',
    hint: 'init-RA is in the development packages of Occlum since 0.29.6.',
  });
}

function occupied(path: string): TeeError {
  return new TeeError('ERR_OCCLUM_INSTANCE', `${path} exists and is not empty`, {
    hint: 'Open it with openInstance(), or choose another folder.',
  });
}

/** Begins with a dot and the maker's identity: no prefix of an instance's name, and recognisable when abandoned. */
function draftName(path: string): string {
  const maker = processIdentity(process.pid);
  return `.new-${basename(path)}-${process.pid}-${maker?.startTime ?? 0}-${Math.trunc(performance.now() * 1000)}`;
}

/** Removes drafts whose maker was killed. */
async function removeAbandoned(path: string): Promise<void> {
  const scope = processIdentity(process.pid)?.scope ?? '';
  for (const name of await readdir(dirname(path))) {
    const match = /^\.new-(.+)-(\d+)-(\d+)-\d+$/.exec(name);
    if (match?.[1] !== basename(path)) continue;
    const maker = { pid: Number(match[2]), startTime: match[3] ?? '', scope };
    if (processState(maker) === 'dead') await rm(join(dirname(path), name), { recursive: true, force: true });
  }
}
