import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { withDeviceFaults } from '../faults/device-faults.ts';
import { currentFaults } from '../faults/faults.ts';
import { type BuiltEnclave, readBuiltEnclave } from '../instance/built-enclave.ts';
import { isEncryptedTree } from '../instance/encrypted-image.ts';
import type { InstanceLayout } from '../instance/layout.ts';
import type { OcclumConfig } from '../instance/occlum-json.ts';
import { SimulatedPlatform } from '../platform/platform.ts';
import { platformStateDirectory } from '../platform/state-directory.ts';
import { isStrict, threadLimit, writeLauncher } from '../strict/limits.ts';
import type { ProgramRules } from './check-program.ts';
import type { Sandbox } from './handle.ts';
import { type ExtraMount, openRootedSandbox } from './rooted.ts';
import { makeScratchFolder } from './scratch-folder.ts';
import { serveDevice } from './serve-device.ts';
import { unlockImage } from './unlock-image.ts';

/** What `run` and `start` may say about the launch. */
export interface EnclaveOptions {
  rootfs: boolean;
  configId: Uint8Array | undefined;
  configSvn: number | undefined;
}

/** A launched instance: its sandbox, its measured configuration, and an end to both. */
export interface OpenEnclave extends Sandbox {
  config: OcclumConfig;
  /** What its programs are checked against. */
  programs: Omit<ProgramRules, 'entryPoints'>;
  /** Threads that its programs may have together; null without --strict. */
  threadLimit: number | null;
}

/**
 * Launches a built instance on this user's simulated machine: measures the build anew, EINITs it, serves its device,
 * mounts its image as init does, and makes the sandbox for its programs. What fails leaves nothing behind.
 *
 * @throws {TeeError} ERR_EINIT_REFUSED, ERR_SIMULATOR_STATE, ERR_ENCLAVE_START
 * @throws {InitFailure} for an encrypted image without its key
 */
export async function openEnclave(layout: InstanceLayout, options: EnclaveOptions): Promise<OpenEnclave> {
  const built = readBuiltEnclave(layout);
  const platform = await SimulatedPlatform.open(platformStateDirectory(process.env));
  const enclave = platform.launch({
    sigstruct: built.sigstruct,
    measurement: built.measurement,
    ...launchMode(layout),
    ...(options.configId === undefined ? {} : { configId: options.configId }),
    ...(options.configSvn === undefined ? {} : { configSvn: options.configSvn }),
  });
  const scratch = makeScratchFolder(isEncryptedTree(layout.builtImage));
  let closeDevice = () => {};
  try {
    const image = unlockImage(layout, join(scratch.path, 'image'));
    const device = join(scratch.path, 'sgx');
    closeDevice = await serveDevice(withDeviceFaults(enclave, currentFaults()), device);
    const launcher = isStrict() ? join(scratch.path, 'launcher') : null;
    if (launcher !== null) writeLauncher(launcher, built.config);
    const mounts = extraMounts(layout, built);
    const sandbox = options.rootfs
      ? await openRootedSandbox(layout, { image, scratch: scratch.path, device, launcher, mounts })
      : unrooted(layout, { image, device, launcher });
    const close = async () => {
      await sandbox.close();
      closeDevice();
      scratch.remove();
    };
    const hostMounts = mounts.filter(({ kind }) => kind === 'hostfs').map(({ target }) => target);
    return {
      handle: sandbox.handle,
      config: built.config,
      programs: { roots: [layout.writable, image], strictHostMounts: launcher === null ? null : hostMounts },
      threadLimit: launcher === null ? null : threadLimit(built.config),
      close,
    };
  } catch (error) {
    closeDevice();
    scratch.remove();
    throw error;
  }
}

/**
 * As the occlum script does: debug and KSS follow the Occlum.json that stands there now, not the one that was built,
 * and the loader's own variables, left over in the environment, have the same effect.
 */
function launchMode(layout: InstanceLayout): { debug: boolean; kss: boolean } {
  const config: { metadata?: { debuggable?: unknown; enable_kss?: unknown } } = JSON.parse(
    readFileSync(layout.config, 'utf8'),
  );
  return {
    debug: config.metadata?.debuggable !== false && !isYes(process.env['OCCLUM_RELEASE_ENCLAVE']),
    kss: config.metadata?.enable_kss === true || isYes(process.env['OCCLUM_ENABLE_KSS']),
  };
}

function isYes(value: string | undefined): boolean {
  return ['1', 'y', 'yes', 'true'].includes(value?.toLowerCase() ?? '');
}

function extraMounts(layout: InstanceLayout, built: BuiltEnclave): ExtraMount[] {
  return built.config.mount.flatMap((mount) => {
    if (mount.type !== 'hostfs' && mount.type !== 'ramfs') return [];
    const source = mount.type === 'hostfs' ? resolve(layout.root, mount.source ?? '.') : '';
    return [{ kind: mount.type, source, target: mount.target }];
  });
}

function unrooted(layout: InstanceLayout, parts: { image: string; device: string; launcher: string | null }): Sandbox {
  const handle = { rootfs: 'none' as const, writable: layout.writable, ...parts };
  return { handle, close: async () => undefined };
}
