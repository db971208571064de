import { randomBytes } from 'node:crypto';
import { attributeFlags, type Report, type SgxDevice } from '@neo-service-layer/attestation/device';
import type { OcclumJavaScriptExecution } from '@neo-service-layer/js-execution';
import { parseEnvelope, type Sealer } from '@neo-service-layer/sealing';
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
import type { ExecutionReceipts } from './execution-receipts.ts';
import type { EnclaveKeyring } from './keyring/enclave-keyring.ts';

/** What the methods work with. */
export interface MethodContext {
  device: SgxDevice;
  self: Report;
  bootId: Uint8Array;
  rootfs: 'image' | 'host';
  attestation: EnclaveEvidence;
  receipts: ExecutionReceipts;
  /** Under keys of the CPU. */
  sealer: Sealer;
  keyring: EnclaveKeyring;
  sandbox: OcclumJavaScriptExecution;
  configuration: RuntimeConfiguration;
}

/** Every method that is evaluated in the enclave. Parameters were validated by the dispatcher. */
export type EnclaveMethods = {
  [Name in EnclaveMethodName]: (input: TeeMethodInput<Name>) => Promise<TeeMethodOutput<Name>>;
};

/** Wires the method table to the enclave's parts. */
export function enclaveMethods(context: MethodContext): EnclaveMethods {
  const { attestation } = context;
  return {
    getInfo: () => describe(context),
    getAttestationReport: ({ reportData }) => attestation.report(reportData ?? new Uint8Array()),
    executeJavaScript: (call) =>
      context.receipts.around(call, (wanted) => executeJavaScript(context.sandbox, context.configuration, wanted)),
    sealData: (request) => seal(context, request),
    unsealData: (request) => unseal(context, request),
    getRandomBytes: async ({ length }) => new Uint8Array(randomBytes(length)),
  };
}

async function seal({ sealer, keyring }: MethodContext, request: TeeMethodInput<'sealData'>): Promise<Uint8Array> {
  const { data, policy = 'keyring', name } = request;
  return policy === 'keyring' ? keyring.seal(data, name) : sealer.seal(data, { policy, name });
}

/** A blob says which key it wants; a lie gets another key, and none opens it. */
async function unseal({ sealer, keyring }: MethodContext, request: TeeMethodInput<'unsealData'>): Promise<Uint8Array> {
  const { sealed, name } = request;
  const { recipient } = parseEnvelope(sealed).header;
  if (recipient.kind === 'keyring') return (await keyring.open(sealed, name)).data;
  return (await sealer.unseal(sealed, { name })).data;
}

async function describe(context: MethodContext): Promise<EnclaveInfo> {
  const { device, self, bootId, rootfs, sandbox, keyring } = context;
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
    keyring: await keyring.info(),
  };
}
