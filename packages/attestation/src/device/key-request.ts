import { keyRequestSize } from './constants.ts';
import type { SgxAttributes } from './report-body.ts';
import { StructReader, StructWriter } from './struct.ts';

/**
 * What EGETKEY derives a key from (KEYREQUEST, SDM Vol 3D; occlum-contract §4.3). Take `isvSvn` and `cpuSvn` from a
 * self report and keep the whole request beside the data: with zeros the key would survive a TCB downgrade.
 */
export interface KeyRequest {
  /** One of {@link keyNames}. */
  keyName: number;
  /** Sum of {@link keyPolicies}. */
  keyPolicy: number;
  isvSvn: number;
  /** 16 bytes. */
  cpuSvn: Uint8Array;
  /** Which attribute bits the key depends on. INIT and DEBUG always count, whatever the mask says. */
  attributeMask: SgxAttributes;
  /** 32 bytes. */
  keyId: Uint8Array;
  miscMask: number;
  configSvn: number;
}

/** Writes a KEYREQUEST of 512 bytes. @throws {TeeError} ERR_DEVICE_STRUCT for a field of the wrong length or range. */
export function encodeKeyRequest(request: KeyRequest): Uint8Array {
  return new StructWriter(keyRequestSize)
    .u16(0, request.keyName)
    .u16(2, request.keyPolicy)
    .u16(4, request.isvSvn)
    .bytes('cpuSvn', 8, request.cpuSvn, 16)
    .u64(24, request.attributeMask.flags)
    .u64(32, request.attributeMask.xfrm)
    .bytes('keyId', 40, request.keyId, 32)
    .u32(72, request.miscMask)
    .u16(76, request.configSvn).result;
}

/**
 * Reads a KEYREQUEST. Says nothing about whether the processor would accept it (SVNs, policy bits).
 * @throws {TeeError} ERR_DEVICE_STRUCT unless it is 512 bytes whose reserved ones are zero.
 */
export function parseKeyRequest(bytes: Uint8Array): KeyRequest {
  const reader = new StructReader('KEYREQUEST', bytes, keyRequestSize);
  reader.requireZero('KEYREQUEST', 6, 2);
  reader.requireZero('KEYREQUEST', 78, 434);
  return {
    keyName: reader.u16(0),
    keyPolicy: reader.u16(2),
    isvSvn: reader.u16(4),
    cpuSvn: reader.bytes(8, 16),
    attributeMask: { flags: reader.u64(24), xfrm: reader.u64(32) },
    keyId: reader.bytes(40, 32),
    miscMask: reader.u32(72),
    configSvn: reader.u16(76),
  };
}
