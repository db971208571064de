import { join, resolve } from 'node:path';

/** Where things are kept and how enclaves run. This is the one place that reads these environment variables. */
export interface HostSettings {
  /** `OCCLUM_SIMULATION=1`: run without SGX, protecting nothing. Never chosen by itself. */
  simulation: boolean;
  /** Whether a simulated enclave sees its image as root file system. `OCCLUM_SIM_NO_ROOTFS=1`: it does not. */
  rootfs: 'image' | 'none';
  /** Folder of instances, signing key and the simulated platform. `TEE_HOME`, default `.tee` in the working directory. */
  home: string;
  instanceDir: string;
  signKeyFile: string;
  /** State of the simulated CPU. `OCCLUM_SIM_PLATFORM`, default within home. */
  platformDir: string;
  /** Folder of collateral for hardware, in the files of a case folder. `TEE_COLLATERAL_DIR`. */
  collateralDir: string | null;
  /** PCS or PCCS to fetch collateral from otherwise. `TEE_COLLATERAL_URL`, default Intel's. */
  collateralUrl: string | null;
}

/** Reads the settings from the environment. */
export function hostSettings(env: NodeJS.ProcessEnv, cwd: string): HostSettings {
  const home = resolve(cwd, env['TEE_HOME'] ?? '.tee');
  return {
    simulation: env['OCCLUM_SIMULATION'] === '1',
    rootfs: env['OCCLUM_SIM_NO_ROOTFS'] === '1' ? 'none' : 'image',
    home,
    instanceDir: join(home, 'instances', 'runtime.inst'),
    signKeyFile: join(home, 'keys', 'enclave-signing.pem'),
    platformDir: resolve(cwd, env['OCCLUM_SIM_PLATFORM'] ?? join(home, 'platform')),
    collateralDir: env['TEE_COLLATERAL_DIR'] ?? null,
    collateralUrl: env['TEE_COLLATERAL_URL'] ?? null,
  };
}
