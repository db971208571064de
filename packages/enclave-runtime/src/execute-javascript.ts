import { type OcclumJavaScriptExecution, parseAllowed, type StorageCapability } from '@neo-service-layer/js-execution';
import {
  type FunctionStorage,
  type JavaScriptCall,
  type JavaScriptOutcome,
  TeeError,
} from '@neo-service-layer/tee-interface';
import { callLimits } from './call-limits.ts';
import type { RuntimeConfiguration } from './configuration.ts';
import type { ExecutionPace } from './execution-pace.ts';
import type { SignedInUser } from './users/signed-in-user.ts';

/** A call whose user id is settled. */
export type NamedCall = JavaScriptCall & {
  userId: string;
  /** What a deployed function keeps; part of what function it is. */
  storage?: FunctionStorage;
};

/** What a call runs with beside its own content. */
export interface CallTerms {
  user: SignedInUser | null;
  signal: AbortSignal;
  /** What a deployed function keeps; null for a function that came with the call. */
  storage: StorageCapability | null;
}

/**
 * The call in the name of whoever makes it. An anonymous caller may say what it likes; nothing is owned under that name.
 * @throws {TeeError} ERR_USER_FORBIDDEN for a call in another user's name
 */
export function inNameOf(user: SignedInUser | null, call: JavaScriptCall): NamedCall {
  const userId = call.userId ?? user?.userId ?? 'anonymous';
  if (user === null || userId === user.userId) return { ...call, userId };
  throw new TeeError('ERR_USER_FORBIDDEN', 'The call is in the name of another user.', {
    expected: `the user that signed in, "${user.userId}", or none`,
    hint: 'Leave userId out, or sign in as that user.',
  });
}

/** Where calls run. */
export interface CallPlace {
  sandbox: OcclumJavaScriptExecution;
  configuration: RuntimeConfiguration;
  pace: ExecutionPace;
}

/**
 * Runs a function in the sandbox, within what the measured configuration allows.
 * @throws {TeeError} ERR_INVALID_ARGUMENT for limits above the enclave's own, ERR_JS_CAPABILITY_DENIED for a grant that
 * it does not give, ERR_BUSY when the queue is full, and ERR_JS_* for what the function did
 */
export async function executeJavaScript(
  { sandbox, configuration, pace }: CallPlace,
  call: NamedCall,
  { user, signal, storage }: CallTerms,
): Promise<JavaScriptOutcome> {
  const { code, kind, files, http, functionId, userId } = call;
  const request = {
    code,
    input: call.input ?? null,
    secrets: call.secrets ?? {},
    functionId,
    userId,
    // Names that anonymous callers give themselves get them no turns of their own.
    tenant: user === null ? 'anonymous' : `user ${user.publicKey}`,
    signal,
    limits: limitsOf(call, configuration),
    ...grantsOf(call, configuration),
    ...(kind === undefined ? {} : { kind }),
    ...(files === undefined ? {} : { files }),
    ...(http === undefined ? {} : { http }),
    ...(storage === null ? {} : { storage }),
  };
  const answer = await sandbox.executeJavaScript(request).catch((error: unknown) => {
    throw pace.told(error, sandbox.stats());
  });
  const { result, gasUsed, executionTimeMs, logs, droppedLogs } = answer;
  pace.note(executionTimeMs);
  return { result, gasUsed, executionTimeMs, logs, droppedLogs };
}

function limitsOf(call: JavaScriptCall, { limits: most }: RuntimeConfiguration) {
  const limits = callLimits(call);
  for (const name of ['timeoutMs', 'memoryBytes', 'gas'] as const) {
    if (limits[name] <= most[name]) continue;
    throw new TeeError('ERR_INVALID_ARGUMENT', `This enclave does not allow a ${name} of ${limits[name]}.`, {
      expected: `at most ${most[name]}`,
      actual: String(limits[name]),
      hint: 'What it allows is part of its measured configuration.',
    });
  }
  return limits;
}

function grantsOf({ capabilities = [], http }: JavaScriptCall, { grants }: RuntimeConfiguration) {
  const refused = capabilities.filter((name) => !grants.capabilities.includes(name));
  if (http !== undefined && grants.http === 'none') throw denied('http');
  if (http !== undefined && grants.http === 'public') http.allow.forEach(requirePublic);
  if (refused.length > 0) throw denied(refused.join(', '));
  return capabilities.length === 0 ? {} : { capabilities };
}

/** Names that resolve to private addresses are refused by the sandbox; entries that mean one are refused here. */
function requirePublic(entry: string): void {
  const { local, host } = parseAllowed(entry);
  if (local) throw denied(`http to ${host}`);
}

function denied(what: string): TeeError {
  return new TeeError('ERR_JS_CAPABILITY_DENIED', `This enclave grants no function ${what}.`, {
    hint: 'What it grants is part of its measured configuration.',
  });
}
