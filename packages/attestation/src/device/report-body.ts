import { reportBodySize } from './constants.ts';
import { StructReader, StructWriter } from './struct.ts';

/** ATTRIBUTES of an enclave: two 64-bit fields. */
export interface SgxAttributes {
  flags: bigint;
  xfrm: bigint;
}

/** What a report or quote says of an enclave (REPORT without key id and MAC, SDM Vol 3D); byte strings as they stand. */
export interface ReportBody {
  /** 16 bytes, opaque: never compare it as a number. */
  cpuSvn: Uint8Array;
  miscSelect: number;
  /** 16 bytes; KSS only, else zero. */
  isvExtProdId: Uint8Array;
  attributes: SgxAttributes;
  /** 32 bytes. */
  mrEnclave: Uint8Array;
  /** 32 bytes. */
  mrSigner: Uint8Array;
  /** 64 bytes; KSS only, else zero. */
  configId: Uint8Array;
  isvProdId: number;
  isvSvn: number;
  configSvn: number;
  /** 16 bytes; KSS only, else zero. */
  isvFamilyId: Uint8Array;
  /** 64 bytes that the enclave chose. */
  reportData: Uint8Array;
}

/** Writes a report body of 384 bytes. @throws {TeeError} ERR_DEVICE_STRUCT for a field of the wrong length or range. */
export function encodeReportBody(body: ReportBody): Uint8Array {
  return new StructWriter(reportBodySize)
    .bytes('cpuSvn', 0, body.cpuSvn, 16)
    .u32(16, body.miscSelect)
    .bytes('isvExtProdId', 32, body.isvExtProdId, 16)
    .u64(48, body.attributes.flags)
    .u64(56, body.attributes.xfrm)
    .bytes('mrEnclave', 64, body.mrEnclave, 32)
    .bytes('mrSigner', 128, body.mrSigner, 32)
    .bytes('configId', 192, body.configId, 64)
    .u16(256, body.isvProdId)
    .u16(258, body.isvSvn)
    .u16(260, body.configSvn)
    .bytes('isvFamilyId', 304, body.isvFamilyId, 16)
    .bytes('reportData', 320, body.reportData, 64).result;
}

/**
 * Reads a report body. Nothing in it is verified; reserved bytes are not looked at, since the processor writes them.
 * @throws {TeeError} ERR_DEVICE_STRUCT unless it is 384 bytes.
 */
export function parseReportBody(bytes: Uint8Array): ReportBody {
  const reader = new StructReader('report body', bytes, reportBodySize);
  return {
    cpuSvn: reader.bytes(0, 16),
    miscSelect: reader.u32(16),
    isvExtProdId: reader.bytes(32, 16),
    attributes: { flags: reader.u64(48), xfrm: reader.u64(56) },
    mrEnclave: reader.bytes(64, 32),
    mrSigner: reader.bytes(128, 32),
    configId: reader.bytes(192, 64),
    isvProdId: reader.u16(256),
    isvSvn: reader.u16(258),
    configSvn: reader.u16(260),
    isvFamilyId: reader.bytes(304, 16),
    reportData: reader.bytes(320, 64),
  };
}
