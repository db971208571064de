import { TeeError } from '@neo-service-layer/tee-interface';
import { reportDataSize, targetInfoSize } from './constants.ts';
import { requireLength, StructReader, StructWriter } from './struct.ts';

/** The two inputs of CREATE_REPORT; either may be absent (a NULL pointer on the real device). */
export interface CreateReportInput {
  /** 512 bytes; absent: a report for nobody (a target of zeros), as for reading one's own identity. */
  targetInfo?: Uint8Array | undefined;
  /** 64 bytes; absent: zeros. */
  reportData?: Uint8Array | undefined;
}

/** Writes the payload of CREATE_REPORT: the buffers that are present, whose lengths (512, 64) tell them apart. */
export function encodeCreateReport(input: CreateReportInput): Uint8Array {
  const { targetInfo = new Uint8Array(0), reportData = new Uint8Array(0) } = input;
  if (input.targetInfo !== undefined) requireLength('targetInfo', targetInfo, targetInfoSize);
  if (input.reportData !== undefined) requireLength('reportData', reportData, reportDataSize);
  const bytes = new Uint8Array(targetInfo.length + reportData.length);
  bytes.set(targetInfo);
  bytes.set(reportData, targetInfo.length);
  return bytes;
}

/** Reads the payload of CREATE_REPORT. @throws {TeeError} ERR_DEVICE_STRUCT for a length that no choice gives. */
export function parseCreateReport(payload: Uint8Array): CreateReportInput {
  switch (payload.length) {
    case 0:
      return {};
    case reportDataSize:
      return { reportData: new Uint8Array(payload) };
    case targetInfoSize:
      return { targetInfo: new Uint8Array(payload) };
    case targetInfoSize + reportDataSize:
      return {
        targetInfo: new Uint8Array(payload.subarray(0, targetInfoSize)),
        reportData: new Uint8Array(payload.subarray(targetInfoSize)),
      };
    default:
      throw new TeeError('ERR_DEVICE_STRUCT', 'The payload of CREATE_REPORT has an impossible length.', {
        expected: '0, 64, 512 or 576 bytes',
        actual: `${payload.length} bytes`,
      });
  }
}

/** Writes the payload of GEN_DCAP_QUOTE: report data and the size of the caller's quote buffer. */
export function encodeQuoteRequest(reportData: Uint8Array, quoteSize: number): Uint8Array {
  return new StructWriter(reportDataSize + 4)
    .bytes('reportData', 0, reportData, reportDataSize)
    .u32(reportDataSize, quoteSize).result;
}

/** Reads the payload of GEN_DCAP_QUOTE. @throws {TeeError} ERR_DEVICE_STRUCT unless it is 68 bytes. */
export function parseQuoteRequest(payload: Uint8Array): { reportData: Uint8Array; quoteSize: number } {
  const reader = new StructReader('payload of GEN_DCAP_QUOTE', payload, reportDataSize + 4);
  return { reportData: reader.bytes(0, reportDataSize), quoteSize: reader.u32(reportDataSize) };
}

/** Writes the answer of the requests whose result is one 32-bit number. */
export function encodeU32(value: number): Uint8Array {
  return new StructWriter(4).u32(0, value).result;
}

/** Reads the answer of the requests whose result is one 32-bit number. @throws {TeeError} ERR_DEVICE_STRUCT unless it is 4 bytes. */
export function parseU32(payload: Uint8Array): number {
  return new StructReader('number', payload, 4).u32(0);
}
