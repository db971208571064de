import * as z from 'zod';
import { type JsonValue, jsonValueSchema } from '../json.ts';
import { functionSource, idSchema, limitsSchema } from './function-source.ts';
import { hex } from './hex-schema.ts';
import { type JavaScriptCall, type JavaScriptOutcome, outcomeSchema } from './javascript.ts';
import { method } from './method.ts';
import { secretName } from './secrets.ts';

/** Who may run a function beside its owner: nobody, these users (Ed25519 public keys, hex), or whoever may call at all. */
export type Invokers = string[] | 'everyone';

/**
 * What a function keeps from call to call: nothing; values that belong to its name, so that its owner's next version goes on
 * with them; or `pinned`: values that belong to this very function (its hash). Another version of it, its owner's too, never
 * sees those, and calls of it run one after another.
 */
export type FunctionStorage = boolean | 'pinned';

/** A function to be kept in the enclave, and what it is given at each call. */
export interface FunctionDeployment
  extends Pick<JavaScriptCall, 'code' | 'kind' | 'files' | 'capabilities' | 'http' | 'contract' | 'limits'> {
  functionId: string;
  /** Names of the owner's secrets that it gets. Those that are missing at a call are an error then. */
  secrets?: string[] | undefined;
  /** Grants `storage`: values that this function keeps from call to call, whoever makes them. */
  storage?: FunctionStorage | undefined;
  /** Default: nobody but the owner. */
  invokers?: Invokers | undefined;
}

/** What a deployed function is, without its source. */
export interface DeployedFunction {
  functionId: string;
  /** SHA-256 over sources and grants, hex: what receipts of its executions name. */
  functionHash: string;
  /** Grows with each deployment. */
  version: number;
  secrets: string[];
  storage: FunctionStorage;
  invokers: Invokers;
  /** Bytes that it takes of the owner's quota, without what it stores. */
  bytes: number;
}

/** A call of a deployed function. */
export interface FunctionInvocation {
  functionId: string;
  /** The owner's public key (hex); default the caller's own. */
  owner?: string | undefined;
  /** Runs it only if it still is this very function: sources and grants (hex). */
  functionHash?: string | undefined;
  input?: JsonValue | undefined;
  limits?: JavaScriptCall['limits'];
  receipt?: boolean | undefined;
}

const key = hex(32);
const storage = z.union([z.boolean(), z.literal('pinned')]);
const invokers = z.union([z.array(key).max(1000), z.literal('everyone')]);
const described: z.ZodType<DeployedFunction> = z.strictObject({
  functionId: idSchema,
  functionHash: hex(32),
  version: z.int().min(1),
  secrets: z.array(secretName),
  storage,
  invokers,
  bytes: z.int().min(0),
});
const deployment = {
  ...functionSource,
  functionId: idSchema,
  secrets: z.array(secretName).max(64).optional(),
  storage: storage.optional(),
  invokers: invokers.optional(),
  limits: limitsSchema.optional(),
};

export const deployFunction = method<FunctionDeployment, DeployedFunction>({
  summary: 'Keeps a function under the name of the caller, in the place of an earlier one of that name.',
  runs: 'enclave',
  access: 'user',
  input: z.strictObject(deployment),
  output: described,
});

export const listFunctions = method<Record<string, never>, DeployedFunction[]>({
  summary: "The caller's functions.",
  runs: 'enclave',
  access: 'user',
  input: z.strictObject({}),
  output: z.array(described),
});

export const getFunction = method<{ functionId: string }, FunctionDeployment>({
  summary: "One of the caller's functions, with its source.",
  runs: 'enclave',
  access: 'user',
  input: z.strictObject({ functionId: idSchema }),
  output: z.strictObject(deployment),
});

export const removeFunction = method<{ functionId: string }, boolean>({
  summary: "Removes one of the caller's functions and what it stored. False when there was none.",
  runs: 'enclave',
  access: 'user',
  input: z.strictObject({ functionId: idSchema }),
  output: z.boolean(),
});

export const invokeFunction = method<FunctionInvocation, JavaScriptOutcome>({
  summary: "Runs a function of the caller, or one that its owner lets the caller run, with the owner's secrets.",
  runs: 'enclave',
  access: 'caller',
  input: z.strictObject({
    functionId: idSchema,
    owner: key.optional(),
    functionHash: hex(32).optional(),
    input: jsonValueSchema.optional(),
    limits: limitsSchema.optional(),
    receipt: z.boolean().optional(),
  }),
  output: outcomeSchema,
});
