import { getAttestationReport, verifyAttestationReport } from './attestation.ts';
import { getData, listData, putData, removeData } from './data.ts';
import { deployFunction, getFunction, invokeFunction, listFunctions, removeFunction } from './functions.ts';
import { dispose, getInfo, initialize } from './info.ts';
import { executeJavaScript } from './javascript.ts';
import type { Method } from './method.ts';
import { getRandomBytes } from './random.ts';
import { sealData, unsealData } from './sealing.ts';
import { listSecrets, removeSecret, setSecret } from './secrets.ts';
import { listUsers, registerUser, setQuota, whoAmI } from './users.ts';

/**
 * Every method of the trusted execution environment. This one table gives the types of {@link ITeeInterface}, the
 * client, the enclave's dispatcher and the documents.
 */
export const teeMethods = {
  initialize,
  getInfo,
  getAttestationReport,
  verifyAttestationReport,
  executeJavaScript,
  sealData,
  unsealData,
  getRandomBytes,
  whoAmI,
  deployFunction,
  listFunctions,
  getFunction,
  removeFunction,
  invokeFunction,
  setSecret,
  listSecrets,
  removeSecret,
  putData,
  getData,
  listData,
  removeData,
  registerUser,
  setQuota,
  listUsers,
  dispose,
} as const;

/** The table's type. */
export type TeeMethods = typeof teeMethods;
/** A method's name. */
export type TeeMethodName = keyof TeeMethods;
/** What a method takes. */
export type TeeMethodInput<Name extends TeeMethodName> =
  TeeMethods[Name] extends Method<infer Input, infer _> ? Input : never;
/** What a method gives. */
export type TeeMethodOutput<Name extends TeeMethodName> =
  TeeMethods[Name] extends Method<infer _, infer Output> ? Output : never;

/** True for the name of a method that is evaluated inside the enclave. */
export function isEnclaveMethod(name: string): name is EnclaveMethodName {
  return Object.hasOwn(teeMethods, name) && teeMethods[name as TeeMethodName].runs === 'enclave';
}

/** Names of the methods that cross the channel. */
export type EnclaveMethodName = Exclude<TeeMethodName, 'initialize' | 'verifyAttestationReport' | 'dispose'>;

// A method that takes nothing, or only optional members, may be called without an argument.
type Arguments<Input> =
  Record<string, never> extends Input ? [input?: Input, options?: CallOptions] : [input: Input, options?: CallOptions];

/** What goes with a call and is not for the enclave. */
export interface CallOptions {
  /** Gives the call up: it rejects with ERR_CHANNEL_CANCELLED, and the enclave stops what it can stop. */
  signal?: AbortSignal | undefined;
}

/**
 * The trusted execution environment as its users see it, wherever it runs: implemented by `TeeClient` (over any
 * transport) and by `OcclumInterface` (which also launches the enclave). Every method rejects with a TeeError.
 */
export type ITeeInterface = {
  [Name in TeeMethodName]: (...args: Arguments<TeeMethodInput<Name>>) => Promise<TeeMethodOutput<Name>>;
};
