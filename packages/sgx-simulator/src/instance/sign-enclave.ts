import type { KeyObject } from 'node:crypto';
import { attributeFlags } from '@neo-service-layer/attestation/device';
import { writeSigstruct } from '../sigstruct/write.ts';
import type { OcclumConfig } from './occlum-json.ts';

const all = 0xffff_ffff_ffff_ffffn;

/**
 * The SIGSTRUCT for a measured instance. A debuggable one leaves DEBUG out of the attribute mask: it can be launched
 * either way. The date is fixed, so that building again gives the same bytes.
 *
 * @throws {TeeError} ERR_INVALID_ARGUMENT for a key that is not RSA-3072 with exponent 3
 */
export function signEnclave(measurement: Uint8Array, metadata: OcclumConfig['metadata'], key: KeyObject): Uint8Array {
  const kss = metadata.enable_kss;
  return writeSigstruct(
    {
      enclaveHash: measurement,
      attributes: { flags: attributeFlags.mode64bit | (kss ? attributeFlags.kss : 0n), xfrm: 3n },
      attributeMask: { flags: metadata.debuggable ? all & ~attributeFlags.debug : all, xfrm: all },
      miscSelect: 0,
      miscMask: 0xffff_ffff,
      isvProdId: metadata.product_id,
      isvSvn: metadata.version_number,
      isvFamilyId: kss ? idBytes(metadata.family_id) : new Uint8Array(16),
      isvExtProdId: kss ? idBytes(metadata.ext_prod_id) : new Uint8Array(16),
      date: 0x20250610,
    },
    key,
  );
}

/** A 128-bit id, little-endian: low half first. */
function idBytes(id: { high: string; low: string }): Uint8Array {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64LE(BigInt(id.low), 0);
  bytes.writeBigUInt64LE(BigInt(id.high), 8);
  return new Uint8Array(bytes);
}
