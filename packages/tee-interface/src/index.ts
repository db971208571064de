export { errorCodes, isTeeErrorCode, type TeeErrorCode } from './errors/codes.ts';
export { isTeeError, TeeError, type TeeErrorInfo, type TeeErrorJson } from './errors/tee-error.ts';
export {
  bytesSchema,
  type Collateral,
  collateralSchema,
  type Evidence,
  type EvidenceBundle,
  evidenceBundleSchema,
} from './evidence.ts';
export { type JsonValue, jsonValueSchema } from './json.ts';
