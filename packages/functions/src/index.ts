export { bytesToHex, hexToBytes } from '@neo-service-layer/tee-interface';
export { contractOf, type FunctionContract, type ToJsonSchema } from './contract.ts';
export { type AnyFunction, defineFunction, type FunctionContext, type FunctionDefinition } from './define-function.ts';
export { type GuardedMain, guard, InputError, OutputError, SecretError } from './guard.ts';
export { invoke, type TypedInvocation, type TypedOutcome } from './invoke.ts';
export {
  type BytesLike,
  type CurveName,
  crypto,
  type HashName,
  http,
  type SandboxCrypto,
  type SandboxHttp,
  type SandboxResponse,
  type SandboxStorage,
  storage,
} from './sandbox.ts';
export type { Checked, InputOf, Issue, OutputOf, Schema } from './schema.ts';
