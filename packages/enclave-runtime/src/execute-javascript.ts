import { type OcclumJavaScriptExecution, parseAllowed } from '@neo-service-layer/js-execution';
import { type JavaScriptCall, type JavaScriptOutcome, TeeError } from '@neo-service-layer/tee-interface';
import { callLimits } from './call-limits.ts';
import type { RuntimeConfiguration } from './configuration.ts';

/**
 * Runs a caller's function in the sandbox, within what the measured configuration allows.
 * @throws {TeeError} ERR_INVALID_ARGUMENT for limits above the enclave's own, ERR_JS_CAPABILITY_DENIED for a grant that
 * it does not give, and ERR_JS_* for what the function did
 */
export async function executeJavaScript(
  sandbox: OcclumJavaScriptExecution,
  configuration: RuntimeConfiguration,
  call: JavaScriptCall,
): Promise<JavaScriptOutcome> {
  const { code, kind, files, http, functionId, userId } = call;
  const { result, gasUsed, executionTimeMs, logs, droppedLogs } = await sandbox.executeJavaScript({
    code,
    input: call.input ?? null,
    secrets: call.secrets ?? {},
    functionId,
    userId,
    limits: limitsOf(call, configuration),
    ...grantsOf(call, configuration),
    ...(kind === undefined ? {} : { kind }),
    ...(files === undefined ? {} : { files }),
    ...(http === undefined ? {} : { http }),
  });
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
