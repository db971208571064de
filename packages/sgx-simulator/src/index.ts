export { SimulatedEnclave } from './platform/enclave.ts';
export type { EnclaveIdentity } from './platform/identity.ts';
export type { LaunchRequest } from './platform/launch.ts';
export { type PlatformChanges, SimulatedPlatform } from './platform/platform.ts';
export { platformStateDirectory, readSimulatedCollateral, simulationRoot } from './platform/state-directory.ts';
export { parseSigstruct, type Sigstruct, verifySigstruct } from './sigstruct/parse.ts';
export { type SigstructFields, writeSigstruct } from './sigstruct/write.ts';
