export type { SigningKey } from './crypto/contract.ts';
export { EnclaveIdentity, verifyIdentitySignature } from './identity.ts';
export { ChannelInitiator } from './initiator.ts';
export type { CallOptions, InitiatorOptions, ResumptionTicket, StreamOptions } from './initiator-options.ts';
export {
  type ChannelMessage,
  encodeMessage,
  type Hello,
  parseMessage,
  type Refused,
  type Request,
  type Response,
  type Welcome,
} from './messages.ts';
export {
  type ChannelClaims,
  channelClaimsLabel,
  channelReportData,
  encodeChannelClaims,
  parseChannelClaims,
  userReportClaims,
  userReportData,
  userReportLabel,
} from './report-data.ts';
export { ChannelResponder } from './responder.ts';
export type { ResponderOptions } from './responder-options.ts';
export type { CallContext, CallHandler, SessionHandle } from './session/enclave-session.ts';
export { generateSigningKey, importSigningKey } from './signing-key.ts';
export type { StreamCall, StreamHandler } from './stream/enclave-stream.ts';
export { classicSuite, protocolVersion, type Suite, suites } from './suites.ts';
