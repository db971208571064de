export { type EnclaveProgram, type LaunchedEnclave, type LaunchOptions, launchEnclave } from './launch.ts';
export { OcclumInterface, type OcclumInterfaceOptions } from './occlum-interface.ts';
