import { createHash } from 'node:crypto';
import { attributeFlags } from '@neo-service-layer/attestation/device';
import type { EnclaveIdentity } from './identity.ts';

const hashOf = (text: string) => new Uint8Array(createHash('sha256').update(text).digest());

/** The identity of the simulated quoting enclave: its own measurement and signer, ISVPRODID 1 as Intel's has. */
export function quotingEnclave(isvSvn: number): EnclaveIdentity {
  return {
    mrEnclave: hashOf('simulated quoting enclave, measurement'),
    mrSigner: hashOf('simulated quoting enclave, signer'),
    attributes: { flags: attributeFlags.init | attributeFlags.mode64bit | attributeFlags.provisionKey, xfrm: 7n },
    miscSelect: 0,
    isvProdId: 1,
    isvSvn,
    isvFamilyId: new Uint8Array(16),
    isvExtProdId: new Uint8Array(16),
    configId: new Uint8Array(64),
    configSvn: 0,
  };
}
