import type { JsonValue } from '../json.ts';
import { isTeeErrorCode, type TeeErrorCode } from './codes.ts';

/** What a {@link TeeError} says beside its message. None of it may hold a secret, a plaintext or a key. */
export interface TeeErrorInfo {
  /** What the check wanted. */
  expected?: string;
  /** What it found instead. */
  actual?: string;
  /** What the reader can do about it. */
  hint?: string;
  /** Structured facts, e.g. `{ line, column }` of a user error. */
  details?: Record<string, JsonValue>;
  /** The error underneath; kept locally, never sent over a wire. */
  cause?: unknown;
}

/** The form in which a {@link TeeError} crosses a process border. */
export interface TeeErrorJson {
  code: TeeErrorCode;
  message: string;
  expected?: string;
  actual?: string;
  hint?: string;
  details?: Record<string, JsonValue>;
}

/**
 * The error that every package throws for bad input, refused evidence and failed calls. `code` is stable and
 * documented in {@link errorCodes}; the message is for people and may change. Misuse by the programmer (a wrong type
 * where TypeScript would have complained) may throw a plain TypeError instead.
 */
export class TeeError extends Error {
  override readonly name = 'TeeError';
  readonly code: TeeErrorCode;
  readonly expected: string | undefined;
  readonly actual: string | undefined;
  readonly hint: string | undefined;
  readonly details: Record<string, JsonValue> | undefined;

  constructor(code: TeeErrorCode, message: string, info: TeeErrorInfo = {}) {
    super(message, info.cause === undefined ? undefined : { cause: info.cause });
    this.code = code;
    this.expected = info.expected;
    this.actual = info.actual;
    this.hint = info.hint;
    this.details = info.details;
  }

  /** The wire form: everything but stack and cause. */
  toJSON(): TeeErrorJson {
    return {
      code: this.code,
      message: this.message,
      ...(this.expected === undefined ? {} : { expected: this.expected }),
      ...(this.actual === undefined ? {} : { actual: this.actual }),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }

  /** Rebuilds an error from its wire form. A code this version does not know becomes ERR_INTERNAL, with the code in the message. */
  static fromJSON(json: { code: string; message: string } & TeeErrorInfo): TeeError {
    const { code, message, expected, actual, hint, details } = json;
    const info: TeeErrorInfo = {
      ...(expected === undefined ? {} : { expected }),
      ...(actual === undefined ? {} : { actual }),
      ...(hint === undefined ? {} : { hint }),
      ...(details === undefined ? {} : { details }),
    };
    if (isTeeErrorCode(code)) return new TeeError(code, message, info);
    return new TeeError('ERR_INTERNAL', `${code}: ${message}`, info);
  }
}

/** True for a TeeError of any copy of this package (another version, another realm). */
export function isTeeError(error: unknown): error is TeeError {
  return error instanceof Error && error.name === 'TeeError' && isTeeErrorCode((error as { code?: unknown }).code);
}
