import { type JsonValue, TeeError } from '@neo-service-layer/tee-interface';
import type { Failure, JavaScriptErrorCode, LogLine, Measurements, StackFrame } from './outcome.ts';
import type { Redaction } from './redaction.ts';

const hints: Partial<Record<JavaScriptErrorCode, string>> = {
  ERR_JS_SYNTAX: 'Sources with import or export need kind "module"; TypeScript needs kind "ts".',
  ERR_JS_CAPABILITY_DENIED: 'Name the capability in the call, or do without it.',
  ERR_JS_TIMEOUT: 'Raise limits.timeoutMs, or do less in one call.',
  ERR_JS_GAS: 'Raise limits.gas, or do less in one call.',
  ERR_JS_MEMORY: 'Raise limits.memoryBytes, or keep less at a time.',
  ERR_JS_STACK: 'Use a loop, or recurse less deep.',
  ERR_JS_OUTPUT_LIMIT: 'Return less, or raise limits.resultBytes.',
  ERR_JS_NEVER_SETTLED: 'Something is awaited that nothing in the sandbox can resolve.',
  ERR_JS_ENGINE_LOST: 'The call may be repeated; other calls were not affected.',
};

/**
 * The error of a failed call. `details` holds what is known of `line`, `column`, `name`, `frames`, `causes`, `path`,
 * `gasUsed`, `executionTimeMs`, `peakMemoryBytes`, `logs` and `droppedLogs`. Guest text in it is redacted.
 */
export function outcomeError(failure: Failure, measurements: Measurements | undefined, redaction: Redaction): TeeError {
  const { thrown, refused, code } = failure;
  const details: Record<string, JsonValue> = {};
  let { message } = failure;
  let hint = hints[code];
  if (thrown !== undefined) {
    const text = thrown.cut ? redaction.applyToCut(thrown.message) : redaction.apply(thrown.message);
    details['name'] = redaction.apply(thrown.name);
    // The engine's own failures are told in the host's words; what the guest threw stands beside them.
    if (code === 'ERR_JS_USER' || code === 'ERR_JS_SYNTAX') message = `${details['name']}: ${text}`;
    const place = thrown.frames.find((frame) => frame.line !== undefined);
    if (place?.line !== undefined) details['line'] = place.line;
    if (place?.column !== undefined) details['column'] = place.column;
    details['frames'] = thrown.frames.map((frame) => frameJson(frame, redaction));
    const causes = thrown.causes.map((cause) => ({
      name: redaction.apply(cause.name),
      message: redaction.applyToCut(cause.message),
    }));
    if (causes.length > 0) details['causes'] = causes;
  }
  if (refused !== undefined) {
    const path = redaction.applyToCut(refused.path) || '(the result itself)';
    details['path'] = path;
    message = `${message.slice(0, -1)}: ${path} is ${redaction.apply(refused.what)}.`;
    hint = `Return something that JSON can hold at ${path}.`;
  }
  if (measurements !== undefined) {
    const { logs, ...numbers } = measurements;
    Object.assign(details, numbers, { logs: redactLogs(logs, redaction) });
  }
  return new TeeError(code, message, { ...(hint === undefined ? {} : { hint }), details });
}

/** Console lines without secrets. */
export function redactLogs(
  logs: readonly LogLine[],
  redaction: Redaction,
): { level: LogLine['level']; message: string }[] {
  return logs.map(({ level, message }) => ({ level, message: redaction.apply(message) }));
}

function frameJson(frame: StackFrame, redaction: Redaction): Record<string, JsonValue> {
  const { file, line, column } = frame;
  return {
    function: redaction.apply(frame.function),
    ...(file === undefined ? {} : { file: redaction.apply(file) }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  };
}
