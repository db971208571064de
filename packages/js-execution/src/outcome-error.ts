import { type JsonValue, TeeError } from '@neo-service-layer/tee-interface';
import { texts } from './engine/verdicts.ts';
import { excerptOf, findQuoted, inUnits, type SourceOf } from './excerpt.ts';
import type { Failure, JavaScriptErrorCode, LogLine, Measurements, StackFrame, Thrown } from './outcome.ts';
import type { Redaction } from './redaction.ts';

const hints: Partial<Record<JavaScriptErrorCode, string>> = {
  ERR_JS_SYNTAX: 'Sources with import or export need kind "module", or "ts" for TypeScript.',
  ERR_JS_CAPABILITY_DENIED: 'Name the capability in the call, or do without it.',
  ERR_JS_TIMEOUT: 'Raise limits.timeoutMs, or do less in one call.',
  ERR_JS_GAS: 'Raise limits.gas, or do less in one call.',
  ERR_JS_MEMORY: 'Raise limits.memoryBytes, or keep less at a time.',
  ERR_JS_STACK: 'Use a loop, or recurse less deep.',
  ERR_JS_OUTPUT_LIMIT: 'Return less, or raise limits.resultBytes.',
  ERR_JS_NEVER_SETTLED: 'Something is awaited that nothing in the sandbox can resolve.',
  ERR_JS_ENGINE_LOST: 'The call may be repeated; other calls were not affected.',
};

const typesHint = 'Write const objects for enums, files for namespaces, fields for parameter properties.';

/** What is said of a failure, and where. */
interface Account {
  message: string;
  hint: string | undefined;
  details: Record<string, JsonValue>;
}

/**
 * The error of a failed call. `details` holds what is known of `line`, `column`, `excerpt` (`{file, line, column, text}`,
 * to be shown with a caret), `name`, `frames`, `causes`, `path`, `missingSecrets`, `gasUsed`, `executionTimeMs`,
 * `peakMemoryBytes`, `logs` and `droppedLogs`. Guest text in it is redacted.
 */
export function outcomeError(
  failure: Failure,
  measurements: Measurements | undefined,
  redaction: Redaction,
  sourceOf: SourceOf,
): TeeError {
  const { thrown, refused, missing, code } = failure;
  const account: Account = { message: failure.message, hint: hints[code], details: {} };
  if (failure.message === texts.syntaxTypes) account.hint = typesHint;
  const ofGuest = code === 'ERR_JS_USER' || code === 'ERR_JS_SYNTAX';
  if (thrown !== undefined) tellThrown(account, thrown, ofGuest, redaction, sourceOf);
  if (refused !== undefined) {
    const path = redaction.applyToCut(refused.path) || '(the result itself)';
    account.details['path'] = path;
    account.message = `${account.message.slice(0, -1)}: ${path} is ${redaction.apply(refused.what)}.`;
    account.hint = `Return something that JSON can hold at ${path}.`;
  }
  if (ofGuest && missing !== undefined) tellMissing(account, missing, thrown, redaction, sourceOf);
  if (measurements !== undefined) {
    const { logs, ...numbers } = measurements;
    Object.assign(account.details, numbers, { logs: redactLogs(logs, redaction) });
  }
  const { message, hint, details } = account;
  return new TeeError(code, message, { ...(hint === undefined ? {} : { hint }), details });
}

/** Console lines without secrets. */
export function redactLogs(
  logs: readonly LogLine[],
  redaction: Redaction,
): { level: LogLine['level']; message: string }[] {
  return logs.map(({ level, message }) => ({ level, message: redaction.apply(message) }));
}

function tellThrown(
  account: Account,
  thrown: Thrown,
  ofGuest: boolean,
  redaction: Redaction,
  sourceOf: SourceOf,
): void {
  const { details } = account;
  const text = thrown.cut ? redaction.applyToCut(thrown.message) : redaction.apply(thrown.message);
  const name = redaction.apply(thrown.name);
  details['name'] = name;
  // The engine's own failures are told in the host's words; what the guest threw stands beside them.
  if (ofGuest) account.message = thrown.isError ? `${name}: ${text}` : notAnError(name, text);
  if (ofGuest && !thrown.isError) account.hint = 'Throw an Error: it knows where it was made.';
  const frames = thrown.frames.map((frame) => inUnits(frame, sourceOf));
  place(
    account,
    frames.find((frame) => frame.line !== undefined),
    redaction,
    sourceOf,
  );
  details['frames'] = frames.map((frame) => frameJson(frame, redaction));
  const causes = thrown.causes.map((cause) => ({
    name: redaction.apply(cause.name),
    message: redaction.applyToCut(cause.message),
  }));
  if (causes.length > 0) details['causes'] = causes;
}

function notAnError(type: string, text: string): string {
  if (type === 'undefined' || type === 'null') return `The function threw ${type} instead of an Error.`;
  return `The function threw ${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type} instead of an Error: ${text}`;
}

/** An import that leads nowhere, or a secret that is not there, says more than what came of it. */
function tellMissing(
  account: Account,
  missing: NonNullable<Failure['missing']>,
  thrown: Thrown | undefined,
  redaction: Redaction,
  sourceOf: SourceOf,
): void {
  if (
    missing.import !== null &&
    thrown?.name === 'ReferenceError' &&
    thrown.message.includes(missing.import.specifier)
  ) {
    const { file, specifier } = missing.import;
    const [from, wanted] = [redaction.apply(file), redaction.apply(specifier)];
    account.message = `${from} imports ${JSON.stringify(wanted)}, which is not one of the function's files.`;
    account.hint = 'Imports are relative and name the whole file, as in "./lib/prices.js"; there are no packages.';
    place(account, findQuoted(file, specifier, sourceOf), redaction, sourceOf);
  } else if (missing.secrets.length > 0) {
    const names = missing.secrets.map((name) => redaction.apply(name));
    account.details['missingSecrets'] = names;
    account.hint = `The function read ${names.map((name) => `secrets.${name}`).join(', ')}: no such secret was given.`;
  }
}

function place(account: Account, frame: StackFrame | undefined, redaction: Redaction, sourceOf: SourceOf): void {
  if (frame?.line !== undefined) account.details['line'] = frame.line;
  if (frame?.column !== undefined) account.details['column'] = frame.column;
  const excerpt = excerptOf(frame, sourceOf, redaction);
  if (excerpt !== undefined) account.details['excerpt'] = excerpt;
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
