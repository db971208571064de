export {
  builtInConfiguration,
  configurationHash,
  type ImageConfiguration,
  imageConfigurationText,
  parseImageConfiguration,
  type RuntimeConfiguration,
  runtimeVersion,
} from './configuration.ts';
export { dispatcher } from './dispatcher.ts';
export { EnclaveEvidence, type EvidenceSubject } from './enclave-evidence.ts';
export { EnclaveKeyring, type EnclaveKeyringOptions } from './keyring/enclave-keyring.ts';
export type { KeyringConfiguration } from './keyring/keyring-configuration.ts';
export { recoveryLabel } from './keyring/keyring-recovery.ts';
export { type EnclaveMethods, enclaveMethods, type MethodContext } from './methods.ts';
export { type RuntimeParts, startRuntime } from './runtime.ts';
export { deviceSealKeys } from './seal-keys.ts';
