import { texts } from '../engine/verdicts.ts';
import type { Failure, JavaScriptErrorCode, LogLevel, Measurements, Outcome, StackFrame, Thrown } from '../outcome.ts';
import type { IsolateReport } from './isolate-messages.ts';

/** How an isolate's call can end. What the main thread decides itself is not among it. */
const codes: readonly JavaScriptErrorCode[] = [
  ...(['ERR_JS_USER', 'ERR_JS_SYNTAX', 'ERR_JS_TIMEOUT', 'ERR_JS_MEMORY', 'ERR_JS_OUTPUT_LIMIT'] as const),
  ...(['ERR_JS_NOT_SERIALIZABLE', 'ERR_JS_NEVER_SETTLED', 'ERR_JS_CAPABILITY_DENIED', 'ERR_JS_ENGINE_LOST'] as const),
];
const levels: readonly LogLevel[] = ['log', 'info', 'warn', 'error', 'debug'];
const messages: readonly string[] = Object.values(texts);
const mostFrames = 50;
const mostNames = 8;

type Fields = Record<string, unknown>;

/**
 * Reads what the process says. Guests run in it, and a fault of V8 may put one of them in its place: everything is
 * checked, and nothing is kept but what the types name.
 *
 * @returns null for what is no report
 */
export function parseReport(json: string): IsolateReport | null {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return null;
  }
  const { kind, call, id, name, json: given, outcome } = fieldsOf(value);
  if (kind === 'ready') return { kind };
  if (kind === 'exhausted') return { kind, call: isCount(call) ? call : null };
  if (!isCount(call)) return null;
  if (kind === 'request' && isCount(id) && typeof name === 'string' && typeof given === 'string') {
    return { kind, call, id, name, json: given };
  }
  const parsed = kind === 'outcome' ? outcomeOf(fieldsOf(outcome)) : null;
  return parsed === null ? null : { kind: 'outcome', call, outcome: parsed };
}

function outcomeOf(fields: Fields): Outcome | null {
  const measurements = measurementsOf(fieldsOf(fields['measurements']));
  const { status, json, code, message } = fields;
  if (status === 'ok') return typeof json === 'string' ? { status, json, measurements } : null;
  const known = codes.find((candidate) => candidate === code);
  if (status !== 'failed' || known === undefined || !messages.includes(text(message))) return null;
  return { ...failureOf(known, text(message), fields), measurements };
}

function failureOf(code: JavaScriptErrorCode, message: string, { thrown, refused, missing }: Fields): Failure {
  const failure: Failure = { status: 'failed', code, message };
  if (thrown !== undefined) failure.thrown = thrownOf(fieldsOf(thrown));
  if (refused !== undefined) {
    const { path, what } = fieldsOf(refused);
    failure.refused = { path: text(path), what: text(what) };
  }
  if (missing !== undefined) {
    const { import: wanted, secrets } = fieldsOf(missing);
    const { file, specifier } = fieldsOf(wanted);
    failure.missing = {
      import: typeof file === 'string' ? { file, specifier: text(specifier) } : null,
      secrets: list(secrets).slice(0, mostNames).map(text),
    };
  }
  return failure;
}

function thrownOf({ isError, name, message, cut, frames, causes }: Fields): Thrown {
  return {
    isError: isError === true,
    name: text(name),
    message: text(message),
    cut: cut === true,
    frames: list(frames)
      .slice(0, mostFrames)
      .map((frame) => frameOf(fieldsOf(frame))),
    causes: list(causes)
      .slice(0, 3)
      .map((cause) => ({ name: text(fieldsOf(cause)['name']), message: text(fieldsOf(cause)['message']) })),
  };
}

function frameOf({ function: name, file, line, column }: Fields): StackFrame {
  const place = isCount(line) && isCount(column) ? { line, column } : {};
  return { function: text(name), ...(typeof file === 'string' ? { file, ...place } : {}) };
}

/** There is no gas in V8. */
function measurementsOf({ executionTimeMs, peakMemoryBytes, logs, droppedLogs }: Fields): Measurements {
  return {
    gasUsed: 0,
    executionTimeMs: typeof executionTimeMs === 'number' ? executionTimeMs : 0,
    peakMemoryBytes: isCount(peakMemoryBytes) ? peakMemoryBytes : 0,
    logs: list(logs).map((line) => {
      const { level, message } = fieldsOf(line);
      return { level: levels.find((candidate) => candidate === level) ?? 'log', message: text(message) };
    }),
    droppedLogs: isCount(droppedLogs) ? droppedLogs : 0,
  };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
