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
import { executeJavaScript, inNameOf } from './execute-javascript.ts';
import type { ExecutionPace } from './execution-pace.ts';
import type { ExecutionReceipts } from './execution-receipts.ts';
import * as functions from './functions/function-methods.ts';
import type { FunctionTurns } from './functions/function-turns.ts';
import type { EnclaveKeyring } from './keyring/enclave-keyring.ts';
import * as accounts from './users/account-methods.ts';
import type { Gate } from './users/gate.ts';
import { ownSealing, rejectWithOwner } from './users/own-sealing.ts';
import type { SignedInUser } from './users/signed-in-user.ts';

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
  gate: Gate;
  pace: ExecutionPace;
  turns: FunctionTurns;
}

/** Who makes a call, and whether it is still wanted. */
interface Caller {
  /** Null for an anonymous caller; never for a method whose access is `user` or `administrator`. */
  user: SignedInUser | null;
  /** Aborted when the client gave the call up. */
  signal: AbortSignal;
}

/** Every method that is evaluated in the enclave. Parameters and access were checked by the dispatcher. */
export type EnclaveMethods = {
  [Name in EnclaveMethodName]: (input: TeeMethodInput<Name>, caller: Caller) => Promise<TeeMethodOutput<Name>>;
};

/** Wires the method table to the enclave's parts. */
export function enclaveMethods(context: MethodContext): EnclaveMethods {
  const { attestation, gate } = context;
  return {
    getInfo: () => describe(context),
    getAttestationReport: ({ reportData }) => attestation.report(reportData ?? new Uint8Array()),
    executeJavaScript: (call, caller) =>
      executeCall(context, { call, keeps: false, storage: null, turn: null }, caller),
    sealData: (request, { user }) => seal(context, request, ownSealing(user)),
    unsealData: (request, { user }) => unseal(context, request, ownSealing(user)),
    getRandomBytes: async ({ length }) => new Uint8Array(randomBytes(length)),
    whoAmI: as((user) => gate.describe(user)),
    deployFunction: as((user, deployment) => functions.deployFunction(gate, user, deployment)),
    listFunctions: as((user) => functions.listFunctions(gate, user)),
    getFunction: as((user, { functionId }) => functions.getFunction(gate, user, functionId)),
    removeFunction: as((user, { functionId }) => functions.removeFunction(gate, user, functionId)),
    invokeFunction: async (invocation, caller) =>
      executeCall(context, await functions.prepareInvocation(gate, caller.user, invocation), caller),
    setSecret: as((user, secret) => accounts.setSecret(gate, user, secret)),
    listSecrets: as((user) => accounts.listSecrets(gate, user)),
    removeSecret: as((user, { name }) => gate.account(user.publicKey).remove('secret', name)),
    putData: as((user, entry) => accounts.putData(gate, user, entry)),
    getData: as((user, { name }) => accounts.getData(gate, user, name)),
    listData: as((user, { prefix }) => accounts.listData(gate, user, prefix)),
    removeData: as((user, { name }) => gate.account(user.publicKey).remove('data', name)),
    registerUser: ({ userId, publicKey, quota }) => gate.register({ userId, publicKey, quota: quota ?? null }),
    setQuota: ({ userId, quota }) => gate.setQuota(userId, quota),
    listUsers: ({ after }) => gate.list(after),
  };
}

/** A method for signed-in users; the table says so too, and the gate has looked. */
function as<Input, Output>(method: (user: SignedInUser, input: Input) => Promise<Output>) {
  return (input: Input, { user }: Caller): Promise<Output> => {
    if (user === null) throw new TypeError('a method for users was admitted without one');
    return method(user, input);
  };
}

function executeCall(
  { receipts, sandbox, configuration, pace, turns }: MethodContext,
  prepared: Omit<functions.PreparedCall, 'call'> & { call: TeeMethodInput<'executeJavaScript'> },
  { user, signal }: Caller,
) {
  const { keeps, storage, turn } = prepared;
  const call = { ...inNameOf(user, prepared.call), storage: keeps };
  const execute = () =>
    receipts.around(call, user, () =>
      executeJavaScript({ sandbox, configuration, pace }, call, { user, signal, storage }),
    );
  return turn === null ? execute() : turns.run(turn, execute);
}

async function seal(
  { sealer, keyring }: MethodContext,
  { data, policy = 'keyring', name }: TeeMethodInput<'sealData'>,
  aad: Uint8Array | undefined,
): Promise<Uint8Array> {
  return policy === 'keyring' ? keyring.seal(data, { name, aad }) : sealer.seal(data, { policy, name, aad });
}

/** A blob says which key it wants; a lie gets another key, and none opens it. */
async function unseal(
  { sealer, keyring }: MethodContext,
  { sealed, name }: TeeMethodInput<'unsealData'>,
  aad: Uint8Array | undefined,
): Promise<Uint8Array> {
  const { recipient } = parseEnvelope(sealed).header;
  const opened =
    recipient.kind === 'keyring' ? keyring.open(sealed, { name, aad }) : sealer.unseal(sealed, { name, aad });
  return (await opened.catch(rejectWithOwner)).data;
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
