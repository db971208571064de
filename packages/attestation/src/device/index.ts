// Here too, since whoever simulates the device makes roots that carry it, and needs nothing else of the verifier.
export { simulationMarkerOid } from '../x509/oids.ts';
export {
  attributeFlags,
  keyNames,
  keyPolicies,
  keyRequestSize,
  keySize,
  reportBodySize,
  reportDataSize,
  reportSize,
  sealingMasks,
  targetInfoSize,
} from './constants.ts';
export { type DeviceFrame, encodeFrame, FrameReader, maxFramePayload } from './frame.ts';
export { IoctlDevice, type IoctlTransport } from './ioctl-device.ts';
export { encodeKeyRequest, type KeyRequest, parseKeyRequest } from './key-request.ts';
export {
  type CreateReportInput,
  encodeCreateReport,
  encodeQuoteRequest,
  encodeU32,
  parseCreateReport,
  parseQuoteRequest,
  parseU32,
} from './payload.ts';
export { encodeReport, parseReport, type Report } from './report.ts';
export { encodeReportBody, parseReportBody, type ReportBody, type SgxAttributes } from './report-body.ts';
export { type DeviceRequestName, deviceRequestName, deviceRequests, EINVAL } from './requests.ts';
export type { SgxDevice } from './sgx-device.ts';
export { encodeTargetInfo, parseTargetInfo, type TargetInfo } from './target-info.ts';
