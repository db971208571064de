import type { JsonValue } from '@neo-service-layer/tee-interface';
import type { StackFrame } from './outcome.ts';
import type { Redaction } from './redaction.ts';

/** The sources of a call, by the names they have in stack traces. */
export type SourceOf = (file: string) => string | undefined;

/** The longest piece of a line that is shown, in characters; the place is in its middle when the line is longer. */
const longestText = 120;
const lineEnds = /\r\n|[\n\r\u2028\u2029]/;

/**
 * The line that a frame points at, for showing with a caret under `column`: `{ file, line, column, text }`. `column` is
 * 1-based in the characters of `text`, which is only a piece of a long line.
 *
 * @returns undefined when the frame names no line of the user's
 */
export function excerptOf(
  frame: StackFrame | undefined,
  sourceOf: SourceOf,
  redaction: Redaction,
): Record<string, JsonValue> | undefined {
  if (frame?.file === undefined || frame.line === undefined) return undefined;
  const line = lineOf(sourceOf(frame.file), frame.line);
  if (line === undefined) return undefined;
  const characters = Array.from(line);
  const at = Array.from(line.slice(0, (frame.column ?? 1) - 1)).length;
  const from = characters.length <= longestText ? 0 : Math.max(at - longestText / 2, 0);
  const before = redaction.apply(characters.slice(from, at).join(''));
  const text = redaction.apply(characters.slice(from, from + longestText).join(''));
  const column = Math.min(Array.from(before).length, Array.from(text).length) + 1;
  return { file: redaction.apply(frame.file), line: frame.line, column, text };
}

/** Where a source first names something in quotes: an import that leads nowhere has no position of its own. */
export function findQuoted(file: string, text: string, sourceOf: SourceOf): StackFrame | undefined {
  const source = sourceOf(file) ?? '';
  const found = ['"', "'", '`'].map((quote) => source.indexOf(`${quote}${text}${quote}`)).filter((at) => at >= 0);
  if (found.length === 0) return undefined;
  const before = source.slice(0, Math.min(...found)).split(lineEnds);
  return { function: '<anonymous>', file, line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/** The frame with its column in UTF-16 units, as editors count them. The engine counts the bytes of UTF-8. */
export function inUnits(frame: StackFrame, sourceOf: SourceOf): StackFrame {
  const { file, line, column } = frame;
  if (file === undefined || line === undefined || column === undefined) return frame;
  const text = lineOf(sourceOf(file), line);
  if (text === undefined) return frame;
  const before = Buffer.from(text)
    .subarray(0, column - 1)
    .toString();
  return { ...frame, column: before.length + 1 };
}

function lineOf(source: string | undefined, line: number): string | undefined {
  return source?.split(lineEnds, line)[line - 1];
}
