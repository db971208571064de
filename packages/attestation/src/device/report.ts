import { reportBodySize, reportSize } from './constants.ts';
import { encodeReportBody, parseReportBody, type ReportBody } from './report-body.ts';
import { StructReader, StructWriter } from './struct.ts';

/** A local report: a body with the MAC that only the target enclave on the same CPU can check. */
export interface Report {
  body: ReportBody;
  /** 32 bytes that select the report key. */
  keyId: Uint8Array;
  /** 16 bytes, AES-CMAC over the body under the target's report key. */
  mac: Uint8Array;
}

/** Writes a report of 432 bytes. @throws {TeeError} ERR_DEVICE_STRUCT for a field of the wrong length or range. */
export function encodeReport(report: Report): Uint8Array {
  return new StructWriter(reportSize)
    .bytes('body', 0, encodeReportBody(report.body), reportBodySize)
    .bytes('keyId', 384, report.keyId, 32)
    .bytes('mac', 416, report.mac, 16).result;
}

/**
 * Reads a report. The MAC is not checked: that is the device's `verifyReport`.
 * @throws {TeeError} ERR_DEVICE_STRUCT unless it is 432 bytes.
 */
export function parseReport(bytes: Uint8Array): Report {
  const reader = new StructReader('report', bytes, reportSize);
  return {
    body: parseReportBody(reader.bytes(0, reportBodySize)),
    keyId: reader.bytes(384, 32),
    mac: reader.bytes(416, 16),
  };
}
