import type { TeeErrorCode } from '@neo-service-layer/tee-interface';

/** Severity of a console line: the method of `console` that was called. */
export type LogLevel = 'log' | 'info' | 'warn' | 'error' | 'debug';

/** One captured console call. */
export interface LogLine {
  level: LogLevel;
  message: string;
}

/** One line of a guest's stack trace. Built-in functions have no file. */
export interface StackFrame {
  function: string;
  file?: string;
  /** 1-based. */
  line?: number;
  /** 1-based. */
  column?: number;
}

/** A thrown value as the guest's realm described it. All of it is guest text: for reading, never for deciding. */
export interface Thrown {
  /** False for a value that is no Error: `name` is then its type, `message` what it looks like. */
  isError: boolean;
  name: string;
  message: string;
  /** True when `message` is only the beginning. */
  cut: boolean;
  frames: StackFrame[];
  causes: { name: string; message: string }[];
}

/** What the host measured of a call. */
export interface Measurements {
  gasUsed: number;
  executionTimeMs: number;
  /** Bytes of the guest's whole memory at its largest, engine included. */
  peakMemoryBytes: number;
  logs: LogLine[];
  droppedLogs: number;
}

/** The ERR_JS_… codes. */
export type JavaScriptErrorCode = Extract<TeeErrorCode, `ERR_JS_${string}`>;

/** Why a call gave no result. The code comes from facts of the host: gas, clock, sizes, traps, refused allocations. */
export interface Failure {
  status: 'failed';
  code: JavaScriptErrorCode;
  /** A fixed text of the host; what the guest threw is in `thrown`. */
  message: string;
  thrown?: Thrown;
  /** Of a result without JSON form: where in the result, and what is there. */
  refused?: { path: string; what: string };
  /** What the guest looked for in vain before: an import of no file, secrets that were not given. */
  missing?: { import: { file: string; specifier: string } | null; secrets: readonly string[] };
}

/** How a call ended, before measurements. */
export type Verdict = { status: 'ok'; json: string } | Failure;

/** How a call ended. Measurements are missing when the engine was lost and took them along. */
export type Outcome = Verdict & { measurements?: Measurements };
