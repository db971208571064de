export { FolderBlobs } from './folder-blobs.ts';
export { FolderStore } from './folder-store.ts';
export { decodeHandOver, encodeHandOver, type HandOver } from './hand-over-document.ts';
export { KeyringOfEnclave } from './keyring-of-enclave.ts';
export { type EnclaveProgram, type LaunchedEnclave, type LaunchOptions, launchEnclave } from './launch.ts';
export { OcclumInterface, type OcclumInterfaceOptions } from './occlum-interface.ts';
