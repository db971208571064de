export { EnclaveIdentity, verifyIdentitySignature } from './identity.ts';
export { ChannelInitiator, type InitiatorOptions } from './initiator.ts';
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
  channelReportData,
  encodeChannelClaims,
  parseChannelClaims,
  userReportClaims,
  userReportData,
  userReportLabel,
} from './report-data.ts';
export { ChannelResponder, type ResponderOptions } from './responder.ts';
export { protocolVersion, suites } from './suites.ts';
