export { appraise } from './appraise/appraise.ts';
export { defaultAcceptedStatuses } from './appraise/appraise-platform.ts';
export { diffPolicies, explainPolicy, type PolicyChange, type PolicyStatement } from './appraise/explain-policy.ts';
export { parsePolicy } from './appraise/parse-policy.ts';
export { verifyEvidence } from './appraise/verify-evidence.ts';
export {
  type CollateralPartName,
  collateralFromFiles,
  collateralPartNames,
  collateralToFiles,
} from './collateral/collateral-files.ts';
export { parseCollateralJson } from './collateral/collateral-json.ts';
export { parseQeIdentity, type QeIdentity, type SignedQeIdentity } from './collateral/qe-identity.ts';
export { parseQveCollateral } from './collateral/qve-collateral.ts';
export type { SignedJson } from './collateral/signed-json.ts';
export {
  type IsvSvnLevel,
  parseTcbInfo,
  type SignedTcbInfo,
  type TcbComponentName,
  type TcbInfo,
  type TcbLevel,
  type TdxModuleIdentity,
} from './collateral/tcb-info.ts';
export { parseQuote } from './quote/parse-quote.ts';
export type {
  CertificationData,
  QuoteBody,
  QuoteHeader,
  SgxQuoteBody,
  Td10QuoteBody,
  Td15ExQuoteBody,
  Td15QuoteBody,
  TdQuoteBody,
  UnverifiedQuote,
} from './quote/quote.ts';
export { describeShortfall, type Shortfall } from './tcb/shortfall.ts';
export { type CollateralComparison, compareCollateral } from './verify/compare-collateral.ts';
export { type PrepareOptions, prepareCollateral } from './verify/prepare-collateral.ts';
export { PreparedCollateral, type PreparedParts } from './verify/prepared-collateral.ts';
export { clockSkewSeconds } from './verify/validity-window.ts';
export type { Verification } from './verify/verification.ts';
export { type VerifyOptions, verifyQuote } from './verify/verify-quote.ts';
export { simulationMarkerOid } from './x509/oids.ts';
