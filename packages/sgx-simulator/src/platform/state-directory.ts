import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Collateral } from '@neo-service-layer/tee-interface';
import { SimulatedPlatform } from './platform.ts';

/**
 * Where the simulated machine of this user lives: OCCLUM_SIM_PLATFORM, else `occlum-sim/platform` in XDG_STATE_HOME,
 * else in `~/.local/state`.
 */
export function platformStateDirectory(environment: NodeJS.ProcessEnv): string {
  const named = environment['OCCLUM_SIM_PLATFORM'];
  if (named !== undefined && named !== '') return named;
  const stateHome = environment['XDG_STATE_HOME'];
  const base = stateHome !== undefined && stateHome !== '' ? stateHome : join(homedir(), '.local', 'state');
  return join(base, 'occlum-sim', 'platform');
}

/**
 * The simulated PCCS: the collateral for the machine in `stateDir` as of `now`.
 * @throws {TeeError} ERR_SIMULATOR_STATE when there is no machine
 */
export async function readSimulatedCollateral(stateDir: string, now: Date): Promise<Collateral> {
  return (await SimulatedPlatform.openExisting(stateDir)).collateral(now);
}

/**
 * The simulation root (DER) of the machine in `stateDir`: what a verifier of its quotes needs as trust anchor.
 * @throws {TeeError} ERR_SIMULATOR_STATE when there is no machine
 */
export async function simulationRoot(stateDir: string): Promise<Uint8Array> {
  return (await SimulatedPlatform.openExisting(stateDir)).rootCertificate;
}
