export {
  type CallOutcome,
  decodeCall,
  decodeOutcome,
  type EncodedCall,
  encodeCall,
  encodeOutcome,
} from './call-codec.ts';
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
export { decodeEvidenceBundle, encodeEvidenceBundle } from './evidence-codec.ts';
export { bytesToHex, hexToBytes } from './hex.ts';
export { type JsonValue, jsonValueSchema } from './json.ts';
export type { AttestationReport, AttestationReportCheck, AttestationReportRequest } from './methods/attestation.ts';
export { type FunctionCapability, functionCapabilities } from './methods/capabilities.ts';
export type { DataEntry } from './methods/data.ts';
export type {
  DeployedFunction,
  FunctionDeployment,
  FunctionInvocation,
  FunctionStorage,
  Invokers,
} from './methods/functions.ts';
export type { EnclaveInfo } from './methods/info.ts';
export type { IssuedReceipt, JavaScriptCall, JavaScriptOutcome } from './methods/javascript.ts';
export {
  type KeyringGeneration,
  type KeyringInfo,
  type KeyringPolicyInfo,
  keyringInfoSchema,
} from './methods/keyring.ts';
export type { Method } from './methods/method.ts';
export type { SealRequest, UnsealRequest } from './methods/sealing.ts';
export type { SecretEntry } from './methods/secrets.ts';
export {
  isStreamMethod,
  type SealStreamRequest,
  type StreamMethod,
  type TeeStreamName,
  teeStreams,
} from './methods/streams.ts';
export {
  type CallOptions,
  type EnclaveMethodName,
  type ITeeInterface,
  isEnclaveMethod,
  type TeeMethodInput,
  type TeeMethodName,
  type TeeMethodOutput,
  type TeeMethods,
  teeMethods,
} from './methods/table.ts';
export {
  type Registration,
  type SignInRequest,
  signIn,
  type UserInfo,
  type UserQuota,
  userQuotaSchema,
} from './methods/users.ts';
export { type AcceptableStatus, type AppraisalPolicy, acceptableStatuses, appraisalPolicySchema } from './policy.ts';
export { signInMessage } from './sign-in.ts';
export {
  type AttestationMode,
  attestationModes,
  type SgxClaims,
  sgxClaimsSchema,
  type TcbComponent,
  type TcbStatus,
  type TdxClaims,
  tcbComponents,
  tcbStatuses,
  tdxClaimsSchema,
  type Verdict,
  type VerdictCheck,
  type VerifiedClaims,
  verdictCheckSchema,
  verdictSchema,
} from './verdict.ts';
