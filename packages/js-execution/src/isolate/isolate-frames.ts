import type { SourceOf } from '../excerpt.ts';
import type { StackFrame } from '../outcome.ts';

const mostFrames = 50;
/** Below this line of a trace are the frames of the host. */
const boundary = '(<isolated-vm boundary>)';
const located = /^(?:(.*) \()?([^()\s]+):(\d+):(\d+)\)?$/;
const native = /^(.*) \((?:<anonymous>|index \d+)\)$/;
const lineEnds = /\r\n|[\n\r\u2028\u2029]/;

/**
 * Reads a stack trace of V8: lines like `at helper (main.js:7:27)`, `at async main (main.js:3:5)`, `at main.js:3:5` and
 * `at Array.map (<anonymous>)`. It is guest text and may be forged; frames in files that are not the function's own,
 * the prelude's above all, are left out. As everywhere in this package, columns come out in bytes of UTF-8.
 */
export function parseIsolateStack(stack: string, sourceOf: SourceOf): StackFrame[] {
  const frames: StackFrame[] = [];
  for (const raw of stack.split('\n')) {
    const line = raw.trim();
    if (frames.length === mostFrames || line.endsWith(boundary)) break;
    const frame = line.startsWith('at ') ? parseLine(line.slice(3), sourceOf) : null;
    if (frame !== null) frames.push(frame);
  }
  return frames;
}

/** A place in a source of the function's, `column` in UTF-16 units as V8 counts, as a frame. */
export function frameAt(
  name: string,
  file: string,
  line: number,
  column: number,
  sourceOf: SourceOf,
): StackFrame | null {
  const source = sourceOf(file);
  if (source === undefined) return null;
  const text = source.split(lineEnds, line)[line - 1] ?? '';
  return { function: name, file, line, column: Buffer.byteLength(text.slice(0, column - 1)) + 1 };
}

function parseLine(text: string, sourceOf: SourceOf): StackFrame | null {
  const builtIn = native.exec(text);
  if (builtIn !== null) return { function: plainName(builtIn[1]) };
  const match = located.exec(text);
  if (match === null) return null;
  const [, name, file = '', line, column] = match;
  return frameAt(plainName(name), file, Number(line), Number(column), sourceOf);
}

/** The name without what V8 puts around it: `async `, `new `, the receiver's type, ` [as alias]`. */
function plainName(name: string | undefined): string {
  const bare = (name ?? '').replace(/ \[as .*\]$/, '').replace(/^(?:async |new )+/, '');
  return bare.slice(bare.lastIndexOf('.') + 1) || '<anonymous>';
}
