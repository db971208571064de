import type { StoredValue } from '@neo-service-layer/sealing';
import {
  type FunctionDeployment,
  type FunctionInvocation,
  type FunctionStorage,
  type JavaScriptCall,
  type JsonValue,
  TeeError,
} from '@neo-service-layer/tee-interface';
import type { Account } from '../stores/account.ts';
import { type Gate, notFound } from '../users/gate.ts';
import type { SignedInUser } from '../users/signed-in-user.ts';
import { functionState, pinnedPrefix, statePrefix } from './function-state.ts';
import {
  decodeFunction,
  describeFunction,
  encodeFunction,
  type StoredFunction,
  storedFunction,
} from './stored-function.ts';

/** Keeps a function of the user. @throws {TeeError} ERR_QUOTA */
export async function deployFunction(gate: Gate, user: SignedInUser, deployment: FunctionDeployment) {
  const stored = await storedFunction(deployment, user.userId);
  const value = encodeFunction(stored);
  const { functionId } = deployment;
  const version = await gate.account(user.publicKey).put('function', functionId, value, { quota: gate.quotaOf(user) });
  return describeFunction(stored, { version, bytes: value.length });
}

/** The user's functions. */
export async function listFunctions(gate: Gate, user: SignedInUser) {
  const entries = await gate.account(user.publicKey).list('function');
  return entries.map(({ value, version }) => describeFunction(decodeFunction(value), { version, bytes: value.length }));
}

/** A function of the user, with its source. @throws {TeeError} ERR_NOT_FOUND */
export async function getFunction(gate: Gate, user: SignedInUser, functionId: string): Promise<FunctionDeployment> {
  return requireFunction(await gate.account(user.publicKey).get('function', functionId)).deployment;
}

/** Removes a function of the user and what it kept. */
export async function removeFunction(gate: Gate, user: SignedInUser, functionId: string): Promise<boolean> {
  const account = gate.account(user.publicKey);
  const removed = await account.remove('function', functionId);
  if (!removed) return false;
  await account.removeAll('state', statePrefix(functionId));
  await account.removeAll('state', pinnedPrefix(functionId));
  return true;
}

/** A call that is ready to run. */
export interface PreparedCall {
  call: JavaScriptCall & { userId: string };
  /** What it was granted to keep. */
  keeps: FunctionStorage;
  storage: ReturnType<typeof functionState> | null;
  /** Calls with the same turn run one after another; null for a call that waits for no other. */
  turn: string | null;
}

/**
 * Prepares the call of a deployed function: with the secrets that its owner gave it, in the caller's name.
 * @throws {TeeError} ERR_NOT_FOUND for a function that is not there, is another one than wanted, or is not for the caller;
 *   which of these, nobody but the owner can tell
 */
export async function prepareInvocation(
  gate: Gate,
  user: SignedInUser | null,
  invocation: FunctionInvocation,
): Promise<PreparedCall> {
  const { functionId, owner = user?.publicKey, functionHash, input, limits, receipt } = invocation;
  if (owner === undefined) throw notFound();
  const account = gate.account(owner);
  const stored = requireFunction(await account.get('function', functionId));
  if (!mayInvoke(stored, owner, user)) throw notFound();
  if (functionHash !== undefined && functionHash !== stored.functionHash) {
    throw new TeeError('ERR_NOT_FOUND', 'The function is not the one that is wanted any more.', {
      expected: functionHash,
      actual: stored.functionHash,
    });
  }
  const { deployment } = stored;
  const secrets = await secretsOf(account, deployment, owner === user?.publicKey);
  const { code, kind, files, capabilities, http, contract, storage: keeps = false } = deployment;
  const prefix = keeps === 'pinned' ? pinnedPrefix(functionId, stored.functionHash) : statePrefix(functionId);
  return {
    call: {
      ...{ code, kind, files, capabilities, http, contract, input, secrets, functionId, receipt },
      userId: user?.userId ?? 'anonymous',
      limits: tighter(deployment.limits, limits),
    },
    keeps,
    storage: keeps === false ? null : functionState(account, prefix, () => gate.quotaOfUser(stored.ownerId)),
    turn: keeps === 'pinned' ? `${owner} ${prefix}` : null,
  };
}

/** The owner's limits, and the caller's where they are tighter. */
function tighter(owner: FunctionDeployment['limits'] = {}, caller: FunctionInvocation['limits'] = {}) {
  const least = (one: number | undefined, other: number | undefined) =>
    one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
  return {
    timeoutMs: least(owner.timeoutMs, caller.timeoutMs),
    memoryBytes: least(owner.memoryBytes, caller.memoryBytes),
    gas: least(owner.gas, caller.gas),
  };
}

function mayInvoke({ deployment }: StoredFunction, owner: string, user: SignedInUser | null): boolean {
  const { invokers = [] } = deployment;
  if (invokers === 'everyone' || owner === user?.publicKey) return true;
  return user !== null && invokers.includes(user.publicKey);
}

async function secretsOf(account: Account, { secrets: names = [] }: FunctionDeployment, isOwner: boolean) {
  const values = await account.getMany('secret', names);
  const missing = names.filter((_, index) => values[index] === null);
  if (missing.length > 0) {
    throw new TeeError('ERR_NOT_FOUND', 'A secret that the function is given is not there.', {
      // Others than the owner do not learn names.
      ...(isOwner ? { expected: `secrets named ${missing.join(', ')}` } : {}),
      hint: 'The owner of the function can set it.',
    });
  }
  const found = values.filter((value) => value !== null);
  return Object.fromEntries(
    found.map(({ name, value }) => [
      name.slice('secret/'.length),
      JSON.parse(Buffer.from(value).toString()) as JsonValue,
    ]),
  );
}

function requireFunction(found: StoredValue | null): StoredFunction {
  if (found === null) throw notFound();
  return decodeFunction(found.value);
}
