import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type BuiltEnclave, readBuiltEnclave } from '../instance/built-enclave.ts';
import type { InstanceLayout } from '../instance/layout.ts';
import type { OcclumConfig } from '../instance/occlum-json.ts';
import { SimulatedPlatform } from '../platform/platform.ts';
import { platformStateDirectory } from '../platform/state-directory.ts';
import type { Sandbox } from './handle.ts';
import { type ExtraMount, openRootedSandbox } from './rooted.ts';
import { makeScratchFolder } from './scratch-folder.ts';
import { serveDevice } from './serve-device.ts';

/** What `run` and `start` may say about the launch. */
export interface EnclaveOptions {
  rootfs: boolean;
  configId: Uint8Array | undefined;
  configSvn: number | undefined;
}

/** A launched instance: its sandbox, its measured configuration, and an end to both. */
export interface OpenEnclave extends Sandbox {
  config: OcclumConfig;
}

/**
 * Launches a built instance on this user's simulated machine: measures the build anew, EINITs it, serves its device,
 * and makes the sandbox for its programs. What fails leaves nothing behind.
 *
 * @throws {TeeError} ERR_EINIT_REFUSED, ERR_SIMULATOR_STATE, ERR_ENCLAVE_START
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
  const scratch = makeScratchFolder();
  let closeDevice = () => {};
  try {
    const device = join(scratch.path, 'sgx');
    closeDevice = await serveDevice(enclave, device);
    const sandbox = options.rootfs
      ? await openRootedSandbox(layout, { scratch: scratch.path, device, mounts: extraMounts(layout, built) })
      : unrooted(layout, device);
    const close = async () => {
      await sandbox.close();
      closeDevice();
      scratch.remove();
    };
    return { handle: sandbox.handle, config: built.config, close };
  } catch (error) {
    closeDevice();
    scratch.remove();
    throw error;
  }
}

/** As the occlum script does: debug and KSS follow the Occlum.json that stands there now, not the one that was built. */
function launchMode(layout: InstanceLayout): { debug: boolean; kss: boolean } {
  const config: { metadata?: { debuggable?: unknown; enable_kss?: unknown } } = JSON.parse(
    readFileSync(layout.config, 'utf8'),
  );
  return { debug: config.metadata?.debuggable !== false, kss: config.metadata?.enable_kss === true };
}

function extraMounts(layout: InstanceLayout, built: BuiltEnclave): ExtraMount[] {
  return built.config.mount.flatMap((mount) => {
    if (mount.type !== 'hostfs' && mount.type !== 'ramfs') return [];
    const source = mount.type === 'hostfs' ? resolve(layout.root, mount.source ?? '.') : '';
    return [{ kind: mount.type, source, target: mount.target }];
  });
}

function unrooted(layout: InstanceLayout, device: string): Sandbox {
  const handle = { rootfs: 'none' as const, image: layout.builtImage, writable: layout.writable, device };
  return { handle, close: async () => undefined };
}
