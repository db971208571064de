import { isTeeError, TeeError, type TeeErrorJson } from '@neo-service-layer/tee-interface';

/** How a command ends: 0 yes, 1 error, 2 a verdict of no. */
export type ExitCode = 0 | 1 | 2;

/** Where a command writes. With `--json` stdout carries one JSON document and nothing else. */
export interface Output {
  readonly json: boolean;
  /** Colours only on a terminal that wants them. */
  readonly colour: boolean;
  /** For people; says nothing with `--json`. */
  line(text?: string): void;
  /** For people while they wait; on stderr, so that a pipe gets results only. */
  progress(text: string): void;
  /** The document of `--json`; says nothing without it. */
  document(value: unknown): void;
}

/** The process's own streams. */
export function processOutput(json: boolean): Output {
  const colour = !json && process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
  return {
    json,
    colour,
    line: (text = '') => {
      if (!json) process.stdout.write(`${text}\n`);
    },
    progress: (text) => process.stderr.write(`${text}\n`),
    document: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value, jsonMember, 2)}\n`);
    },
  };
}

/** Bytes as hex, 64-bit numbers as decimal text: what JSON has no form for. */
function jsonMember(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'bigint') return value.toString();
  return value;
}

/** An error in the form that `--json` prints. What is not a TeeError keeps its message, which is this machine's own. */
export function errorDocument(error: unknown): TeeErrorJson {
  if (isTeeError(error)) return error.toJSON();
  return new TeeError('ERR_INTERNAL', error instanceof Error ? error.message : String(error)).toJSON();
}

/** An error for people: what happened, what was wanted, what was found, what to do. */
export function errorLines(error: unknown): string[] {
  const { code, message, expected, actual, hint } = errorDocument(error);
  return [
    `${code}: ${message}`,
    ...(expected === undefined ? [] : [`  expected: ${expected}`]),
    ...(actual === undefined ? [] : [`  found:    ${actual}`]),
    ...(hint === undefined ? [] : [`  next:     ${hint}`]),
  ].map(printable);
}

/** Text from outside without control characters: a terminal obeys those. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) =>
    character === '\n' || character === '\t' ? character : '\uFFFD',
  );
}
