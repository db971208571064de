import { join, resolve } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';

/** Where things are kept and how enclaves run. This is the one place that reads these environment variables. */
export interface HostSettings {
  /** `OCCLUM_SIMULATION=1`: run without SGX, protecting nothing. Never chosen by itself. */
  simulation: boolean;
  /** Whether a simulated enclave sees its image as root file system. `OCCLUM_SIM_NO_ROOTFS=1`: it does not. */
  rootfs: 'image' | 'none';
  /** Folder of instances, signing key and the simulated platform. `TEE_HOME`, default `.tee` in the working directory. */
  home: string;
  /** Which of several enclaves in this home: `TEE_INSTANCE`, default `runtime`. An update is built beside the old one. */
  instance: string;
  instanceDir: string;
  /** What the image of the instance was asked to be, for later builds. */
  recipeFile: string;
  /** What the host keeps for the enclave of the instance: its sealed keyring. */
  blobsDir: string;
  /** What the users of the enclave keep in it, sealed. */
  storeDir: string;
  /** Copies of the instance, for further enclaves of it beside the first. */
  copiesDir: string;
  signKeyFile: string;
  /** State of the simulated CPU. `OCCLUM_SIM_PLATFORM`, default within home. */
  platformDir: string;
  /** Folder of collateral for hardware, in the files of a case folder. `TEE_COLLATERAL_DIR`. */
  collateralDir: string | null;
  /** PCS or PCCS to fetch collateral from otherwise. `TEE_COLLATERAL_URL`, default Intel's. */
  collateralUrl: string | null;
}

/** Reads the settings from the environment. @throws {TeeError} ERR_INVALID_ARGUMENT */
export function hostSettings(env: NodeJS.ProcessEnv, cwd: string): HostSettings {
  const home = resolve(cwd, env['TEE_HOME'] ?? '.tee');
  return {
    ...instancePaths(home, env['TEE_INSTANCE'] ?? 'runtime'),
    simulation: env['OCCLUM_SIMULATION'] === '1',
    rootfs: env['OCCLUM_SIM_NO_ROOTFS'] === '1' ? 'none' : 'image',
    home,
    signKeyFile: join(home, 'keys', 'enclave-signing.pem'),
    platformDir: resolve(cwd, env['OCCLUM_SIM_PLATFORM'] ?? join(home, 'platform')),
    collateralDir: env['TEE_COLLATERAL_DIR'] ?? null,
    collateralUrl: env['TEE_COLLATERAL_URL'] ?? null,
  };
}

/** The settings for another enclave in the same home. @throws {TeeError} ERR_INVALID_ARGUMENT for a name that is none */
export function settingsOf(settings: HostSettings, instance: string): HostSettings {
  return { ...settings, ...instancePaths(settings.home, instance) };
}

function instancePaths(home: string, instance: string) {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(instance)) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'An instance has a name of letters, digits, dots and dashes.', {
      actual: JSON.stringify(instance.slice(0, 80)),
      hint: 'TEE_INSTANCE names it, not its folder.',
    });
  }
  return {
    instance,
    instanceDir: join(home, 'instances', `${instance}.inst`),
    recipeFile: join(home, 'instances', `${instance}.image.json`),
    blobsDir: join(home, 'blobs', instance),
    storeDir: join(home, 'stores', instance),
    copiesDir: join(home, 'copies', instance),
  };
}
