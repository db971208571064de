export { builtInConfiguration, configurationHash, type RuntimeConfiguration, runtimeVersion } from './configuration.ts';
export { dispatcher } from './dispatcher.ts';
export { EnclaveEvidence, type EvidenceSubject } from './enclave-evidence.ts';
export { type EnclaveMethods, enclaveMethods, type MethodContext } from './methods.ts';
export { type RuntimeParts, startRuntime } from './runtime.ts';
export { deviceSealKeys } from './seal-keys.ts';
