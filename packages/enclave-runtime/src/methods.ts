import { randomBytes } from 'node:crypto';
import { attributeFlags, type Report, type SgxDevice } from '@neo-service-layer/attestation/device';
import type { OcclumJavaScriptExecution } from '@neo-service-layer/js-execution';
import type { Sealer } from '@neo-service-layer/sealing';
import {
  bytesToHex,
  type EnclaveInfo,
  type EnclaveMethodName,
  type TeeMethodInput,
  type TeeMethodOutput,
} from '@neo-service-layer/tee-interface';
import { type RuntimeConfiguration, runtimeVersion } from './configuration.ts';
import type { EnclaveEvidence } from './enclave-evidence.ts';
import { executeJavaScript } from './execute-javascript.ts';

/** What the methods work with. */
export interface MethodContext {
  device: SgxDevice;
  self: Report;
  bootId: Uint8Array;
  rootfs: 'image' | 'host';
  attestation: EnclaveEvidence;
  sealer: Sealer;
  sandbox: OcclumJavaScriptExecution;
  configuration: RuntimeConfiguration;
}

/** Every method that is evaluated in the enclave. Parameters were validated by the dispatcher. */
export type EnclaveMethods = {
  [Name in EnclaveMethodName]: (input: TeeMethodInput<Name>) => Promise<TeeMethodOutput<Name>>;
};

/** Wires the method table to the enclave's parts. */
export function enclaveMethods(context: MethodContext): EnclaveMethods {
  const { attestation, sealer } = context;
  return {
    getInfo: async () => describe(context),
    getAttestationReport: ({ reportData }) => attestation.report(reportData ?? new Uint8Array()),
    executeJavaScript: (call) => executeJavaScript(context.sandbox, context.configuration, call),
    sealData: ({ data, policy, name }) => sealer.seal(data, { policy, name }),
    unsealData: async ({ sealed, name }) => (await sealer.unseal(sealed, { name })).data,
    getRandomBytes: async ({ length }) => new Uint8Array(randomBytes(length)),
  };
}

function describe({ device, self, bootId, rootfs, sandbox }: MethodContext): EnclaveInfo {
  const { mrEnclave, mrSigner, isvProdId, isvSvn, attributes } = self.body;
  return {
    mode: device.kind === 'simulated' ? 'simulation' : 'hardware',
    mrEnclave: bytesToHex(mrEnclave),
    mrSigner: bytesToHex(mrSigner),
    isvProdId,
    isvSvn,
    attributes: {
      debug: (attributes.flags & attributeFlags.debug) !== 0n,
      flags: attributes.flags.toString(16).padStart(16, '0'),
      xfrm: attributes.xfrm.toString(16).padStart(16, '0'),
    },
    runtimeVersion,
    bootId: bytesToHex(bootId),
    rootfs,
    sandboxHash: sandbox.codeHash,
  };
}
