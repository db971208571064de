export { type CollateralCache, MemoryCollateralCache } from './collateral-cache.ts';
export { CollateralService } from './collateral-service.ts';
export type { EvaluationDataNumbers } from './evaluation-data-numbers.ts';
export type { Fetch } from './fetch-answer.ts';
export { ServedCollateral } from './served-collateral.ts';
export { type Edition, intelRootCrlUrl, intelServiceUrl } from './service-address.ts';
export type { CollateralServiceOptions } from './service-options.ts';
