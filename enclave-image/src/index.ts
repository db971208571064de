export { type BuildImageOptions, buildEnclaveImage, type EnclaveImage } from './build-enclave-image.ts';
export { type BundledFile, type BundleEntries, bundleRuntime, type RuntimeBundle } from './bundle-runtime.ts';
export { type ImageIdentity, imageConfig } from './image-config.ts';
export { startProgram } from './start-program.ts';
