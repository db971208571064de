import { targetInfoSize } from './constants.ts';
import type { SgxAttributes } from './report-body.ts';
import { StructReader, StructWriter } from './struct.ts';

/** The identity of an enclave that a report is made for (TARGETINFO, SDM Vol 3D). */
export interface TargetInfo {
  /** 32 bytes. */
  mrEnclave: Uint8Array;
  attributes: SgxAttributes;
  configSvn: number;
  miscSelect: number;
  /** 64 bytes. */
  configId: Uint8Array;
}

/** Writes a TARGETINFO. @throws {TeeError} ERR_DEVICE_STRUCT for a field of the wrong length or range. */
export function encodeTargetInfo(info: TargetInfo): Uint8Array {
  return new StructWriter(targetInfoSize)
    .bytes('mrEnclave', 0, info.mrEnclave, 32)
    .u64(32, info.attributes.flags)
    .u64(40, info.attributes.xfrm)
    .u16(50, info.configSvn)
    .u32(52, info.miscSelect)
    .bytes('configId', 64, info.configId, 64).result;
}

/**
 * Reads a TARGETINFO. Says nothing about who made it.
 * @throws {TeeError} ERR_DEVICE_STRUCT unless it is 512 bytes whose reserved ones are zero (EREPORT faults otherwise).
 */
export function parseTargetInfo(bytes: Uint8Array): TargetInfo {
  const reader = new StructReader('TARGETINFO', bytes, targetInfoSize);
  reader.requireZero('TARGETINFO', 48, 2);
  reader.requireZero('TARGETINFO', 56, 8);
  reader.requireZero('TARGETINFO', 128, 384);
  return {
    mrEnclave: reader.bytes(0, 32),
    attributes: { flags: reader.u64(32), xfrm: reader.u64(40) },
    configSvn: reader.u16(50),
    miscSelect: reader.u32(52),
    configId: reader.bytes(64, 64),
  };
}
