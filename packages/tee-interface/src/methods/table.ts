import { getAttestationReport, verifyAttestationReport } from './attestation.ts';
import { dispose, getInfo, initialize } from './info.ts';
import { executeJavaScript } from './javascript.ts';
import type { Method } from './method.ts';
import { getRandomBytes } from './random.ts';
import { sealData, unsealData } from './sealing.ts';

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
type Arguments<Input> = Record<string, never> extends Input ? [input?: Input] : [input: Input];

/**
 * The trusted execution environment as its users see it, wherever it runs: implemented by `TeeClient` (over any
 * transport) and by `OcclumInterface` (which also launches the enclave). Every method rejects with a TeeError.
 */
export type ITeeInterface = {
  [Name in TeeMethodName]: (...args: Arguments<TeeMethodInput<Name>>) => Promise<TeeMethodOutput<Name>>;
};
