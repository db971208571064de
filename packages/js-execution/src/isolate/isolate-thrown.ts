import { parseThrown } from '../engine/thrown.ts';
import type { SourceOf } from '../excerpt.ts';
import type { Thrown } from '../outcome.ts';
import { frameAt, parseIsolateStack } from './isolate-frames.ts';

/** The longest text that is taken over of an error that isolated-vm copied. */
const longestMessage = 4_096;
/** isolated-vm names the place of an error of syntax at the end of its message. */
const syntaxPlace = /^([\s\S]*) \[(.+):(\d+):(\d+)\]$/;

/** What the prelude's `describe` wrote of a thrown value, with frames of V8. */
export function describedThrown(json: string, sourceOf: SourceOf): Thrown {
  return parseThrown(json, (stack) => parseIsolateStack(stack, sourceOf));
}

/**
 * A value that left the isolate by itself: thrown by the top level of a source, or a rejection. isolated-vm copies it,
 * so an Error has its message and stack and no causes; what cannot be copied is told as such.
 */
export function copiedThrown(value: unknown, sourceOf: SourceOf): Thrown {
  const isError = value instanceof Error;
  const { name, message, stack } = isError ? value : { name: typeof value, message: textOf(value), stack: '' };
  const text = typeof message === 'string' ? message : '';
  return {
    isError,
    name: value === null ? 'null' : typeof name === 'string' ? name : 'Error',
    message: text.slice(0, longestMessage),
    cut: text.length > longestMessage,
    frames: parseIsolateStack(typeof stack === 'string' ? stack : '', sourceOf),
    causes: [],
  };
}

/** An error of syntax, with the place that isolated-vm names. */
export function syntaxThrown(error: unknown, sourceOf: SourceOf): Thrown {
  const thrown = copiedThrown(error, sourceOf);
  const [, message, file, line, column] = syntaxPlace.exec(thrown.message) ?? [];
  if (message === undefined || file === undefined) return { ...thrown, frames: [] };
  const frame = frameAt('<anonymous>', file, Number(line), Number(column), sourceOf);
  return { ...thrown, message, frames: frame === null ? [] : [frame] };
}

function textOf(value: unknown): string {
  try {
    return typeof value === 'object' && value !== null ? (JSON.stringify(value) ?? '') : String(value);
  } catch {
    return '';
  }
}
