import { copyFile, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  copyBom,
  type OcclumInstance,
  type OcclumManager,
  readElf,
  readSigningKey,
} from '@neo-service-layer/occlum-manager';
import { type BundledFile, type BundleEntries, bundleRuntime } from './bundle-runtime.ts';
import { deviceHelperName } from './compile-device-helper.ts';
import { type ImageIdentity, imageConfig } from './image-config.ts';
import { hashHostFiles, hashInputs } from './input-hash.ts';
import { openOrCreate } from './open-or-create.ts';
import { recipeFile } from './recipe-files.ts';
import { startProgram } from './start-program.ts';

/** What an image is built from, and where. */
export interface BuildImageOptions extends ImageIdentity {
  /** Folder of the instance; made when it is not there. */
  instanceDir: string;
  manager: OcclumManager;
  /** PEM file of an RSA-3072 key with exponent 3: its hash is MRSIGNER. */
  signKeyFile: string;
  /** The Node to put into the image; default the one that runs. Genuine Occlum loads position-independent ones only. */
  nodePath?: string;
  /**
   * What the image says for itself, as `imageConfigurationText` of enclave-runtime makes it: above all who may use its
   * keyring. Measured. Default: nothing.
   */
  configuration?: string;
  /** Other modules to bundle than this project's, for tests. */
  entries?: Partial<BundleEntries>;
  /** Told in a few words what is being done. */
  onProgress?: (text: string) => void;
  signal?: AbortSignal;
  /** How long to wait for another process that works with the instance; default 5 minutes. */
  lockWaitMs?: number;
}

/** A built image, ready to be launched. */
export interface EnclaveImage {
  readonly instance: OcclumInstance;
  /** The entry point. */
  readonly program: string;
  readonly args: readonly string[];
  /** By the word of this host: what the developer publishes, and what attestation then proves. 64 hex digits each. */
  readonly mrEnclave: string;
  readonly mrSigner: string;
  /** `name@version` of every package whose code is in the image. */
  readonly packages: readonly string[];
  /** The files of the runtime bundle. */
  readonly files: readonly BundledFile[];
  /** False when everything was as it should be already. */
  readonly rebuilt: boolean;
}

/**
 * Builds the image of the enclave runtime if its inputs changed or what was built is not whole. The same inputs give
 * the same MRENCLAVE in any folder. The image before stays until the new one is whole; killed at any moment, the next
 * call builds again.
 *
 * @throws {TeeError} ERR_OCCLUM_* of occlum-manager
 */
export async function buildEnclaveImage(options: BuildImageOptions): Promise<EnclaveImage> {
  const { manager, signKeyFile, onProgress = () => {} } = options;
  const deviceHelper = manager.mode === 'hardware';
  const node = await realpath(options.nodePath ?? process.execPath);
  const bundleDir = await mkdtemp(join(tmpdir(), 'enclave-bundle-'));
  try {
    onProgress('bundling the runtime');
    const entries = options.entries === undefined ? {} : { entries: options.entries };
    const configuration = options.configuration === undefined ? {} : { configuration: options.configuration };
    // esbuild works in a process of its own: meanwhile this one reads what is not bundled and asks Node for its flags.
    const [{ files, packages }, hostFiles, { mrSigner }, config] = await Promise.all([
      bundleRuntime({ outDir: bundleDir, deviceHelper, ...entries, ...configuration }),
      hashHostFiles(node, manager),
      readSigningKey(signKeyFile),
      new Promise<void>(setImmediate).then(() => imageConfig(node, options)),
    ]);
    const label = hashInputs({ config, files, mrSigner, hostFiles });
    const instance = await openOrCreate(manager, options.instanceDir);
    const image = { instance, ...startProgram, packages, files };

    const { build } = await instance.status();
    if (build?.label === label) {
      return { ...image, mrEnclave: build.mrEnclave, mrSigner: build.mrSigner, rebuilt: false };
    }
    if (readElf(node)?.type !== 'dyn') {
      onProgress('note: this Node is not position-independent; genuine Occlum would refuse it');
    }
    onProgress(`building the instance (${manager.mode})`);
    const { mrEnclave, userData, reused } = await instance.build({
      signKey: signKeyFile,
      config,
      label,
      // Another process may have built the same while this one waited for its turn.
      reuse: true,
      fillImage: async (root) => {
        await copyBom(recipeFile('bom.yaml'), {
          root,
          variables: { NODE: node, BUNDLE: bundleDir },
          loader: manager.programLoader,
        });
        if (deviceHelper) await copyFile(join(bundleDir, deviceHelperName), join(root, 'app', deviceHelperName));
      },
      lockWaitMs: options.lockWaitMs ?? 300_000,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    if (userData.outcome === 'kept-aside') {
      onProgress(`data of the image before is kept in ${userData.folder}: ${userData.reason}`);
    }
    return { ...image, mrEnclave, mrSigner, rebuilt: !reused };
  } finally {
    await rm(bundleDir, { recursive: true, force: true });
  }
}
