import { attributeFlags, type KeyRequest, keyNames, keyPolicies } from '@neo-service-layer/attestation/device';
import { aesCmac } from './aes-cmac.ts';
import type { EnclaveIdentity, Processor } from './identity.ts';

const policyBits = Object.values(keyPolicies).reduce((sum, bit) => sum | bit, 0);
const kssPolicyBits =
  keyPolicies.noIsvProdId | keyPolicies.configId | keyPolicies.isvFamilyId | keyPolicies.isvExtProdId;

/**
 * EGETKEY (SDM Vol 3D; sealing-and-channel §1.1): the key that this processor derives for this enclave, or null where
 * it would refuse: another key than SEAL or REPORT (the others need attributes that no application enclave has),
 * unknown policy bits, KSS policies without KSS, or an SVN above the current one.
 *
 * A seal key binds the key name and id, the requested ISVSVN, CPUSVN and CONFIGSVN, the product id, the masked
 * attributes and MISCSELECT with their masks (INIT and DEBUG always count), MRENCLAVE, MRSIGNER and the KSS
 * identities as far as the policy says, the owner epoch and the fuse key.
 *
 * @returns 16 bytes; wipe them after use
 */
export function getKey(processor: Processor, enclave: EnclaveIdentity, request: KeyRequest): Uint8Array | null {
  if (request.keyName === keyNames.report) return reportKey(processor, enclave, request.keyId);
  if (request.keyName !== keyNames.seal || (request.keyPolicy & ~policyBits) !== 0) return null;
  const kss = (enclave.attributes.flags & attributeFlags.kss) !== 0n;
  if (!kss && (request.keyPolicy & kssPolicyBits) !== 0) return null;
  if (request.isvSvn > enclave.isvSvn || request.configSvn > enclave.configSvn) return null;
  if (request.cpuSvn.some((svn, index) => svn > (processor.cpuSvn[index] ?? 0))) return null;
  const has = (bit: number) => (request.keyPolicy & bit) !== 0;
  const flagsMask = request.attributeMask.flags | attributeFlags.init | attributeFlags.debug;
  return aesCmac(
    processor.fuseKey,
    Buffer.concat([
      u16(keyNames.seal),
      u16(request.keyPolicy),
      u16(has(keyPolicies.noIsvProdId) ? 0 : enclave.isvProdId),
      u16(request.isvSvn),
      request.cpuSvn,
      u64(flagsMask),
      u64(request.attributeMask.xfrm),
      u64(enclave.attributes.flags & flagsMask),
      u64(enclave.attributes.xfrm & request.attributeMask.xfrm),
      u32(request.miscMask),
      u32((enclave.miscSelect & request.miscMask) >>> 0),
      when(has(keyPolicies.mrEnclave), enclave.mrEnclave),
      when(has(keyPolicies.mrSigner), enclave.mrSigner),
      when(has(keyPolicies.isvFamilyId), enclave.isvFamilyId),
      when(has(keyPolicies.isvExtProdId), enclave.isvExtProdId),
      when(has(keyPolicies.configId), enclave.configId),
      u16(has(keyPolicies.configId) ? request.configSvn : 0),
      request.keyId,
      processor.ownerEpoch,
    ]),
  );
}

/** What a report key depends on: the enclave that shall check the report. */
export type ReportTarget = Pick<EnclaveIdentity, 'mrEnclave' | 'attributes' | 'miscSelect' | 'configId' | 'configSvn'>;

/** The key under which EREPORT makes the MAC of a report for `target`, and which only `target` can get. */
export function reportKey(processor: Processor, target: ReportTarget, keyId: Uint8Array): Uint8Array {
  return aesCmac(
    processor.fuseKey,
    Buffer.concat([
      u16(keyNames.report),
      target.mrEnclave,
      u64(target.attributes.flags),
      u64(target.attributes.xfrm),
      u32(target.miscSelect),
      target.configId,
      u16(target.configSvn),
      keyId,
      processor.cpuSvn,
      processor.ownerEpoch,
    ]),
  );
}

// A part that the policy leaves out counts as zeros of the same length, as in the processor: lengths stay fixed.
function when(included: boolean, bytes: Uint8Array): Uint8Array {
  return included ? bytes : new Uint8Array(bytes.length);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
