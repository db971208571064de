/** The Node.js face of the collateral service: what needs a disk. */
export { DiskCollateralCache } from './node/disk-collateral-cache.ts';
