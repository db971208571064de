import {
  EINVAL,
  encodeKeyRequest,
  keyNames,
  keyPolicies,
  type Report,
  type SgxDevice,
  sealingMasks,
} from '@neo-service-layer/attestation/device';
import type { SealKeyRequest, SealKeySource } from '@neo-service-layer/sealing';
import { bytesToHex, isTeeError } from '@neo-service-layer/tee-interface';

/**
 * EGETKEY for the sealing package. Versions come from a report of the enclave itself, never from the host, so what is
 * sealed now is always sealed at the current security version.
 */
export function deviceSealKeys(device: SgxDevice, self: Report): SealKeySource {
  const { mrEnclave, mrSigner, cpuSvn, isvSvn, configSvn } = self.body;
  return {
    identity: { mrEnclave: bytesToHex(mrEnclave), mrSigner: bytesToHex(mrSigner), cpuSvn, isvSvn, configSvn },
    getKey: (request) => getSealKey(device, request),
  };
}

async function getSealKey(device: SgxDevice, request: SealKeyRequest): Promise<Uint8Array | null> {
  const keyRequest = encodeKeyRequest({
    keyName: keyNames.seal,
    keyPolicy: request.policy === 'enclave' ? keyPolicies.mrEnclave : keyPolicies.mrSigner,
    isvSvn: request.isvSvn,
    cpuSvn: request.cpuSvn,
    attributeMask: { flags: sealingMasks.flags, xfrm: sealingMasks.xfrm },
    keyId: request.keyId,
    miscMask: sealingMasks.miscSelect,
    configSvn: request.configSvn,
  });
  try {
    return await device.getKey(keyRequest);
  } catch (error) {
    // With everything else of the request fixed here, EINVAL can only be about its security versions. A device that is busy or
    // is none says something else, and nothing is known of the key then.
    const isRefused = isTeeError(error) && error.code === 'ERR_DEVICE_REFUSED' && error.details?.['errno'] === EINVAL;
    if (isRefused) return null;
    throw error;
  }
}
