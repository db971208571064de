export type { BuiltSource } from './build-source.ts';
export { type BundledFunction, bundleFunction } from './bundle-function.ts';
export { originalDetails } from './original-place.ts';
