import type { StackFrame } from '../outcome.ts';

/** The name under which the prelude was evaluated (tools/boot.ts); its frames are not the user's. */
const preludeFile = '<sandbox>';
const mostFrames = 50;
const located = /^(?:(.*) )?\(?([^()\s]+):(\d+):(\d+)\)?$/;

/**
 * Reads a QuickJS stack trace, lines like `at name (main.js:7:27)`, `at main.js:3:5` and `at map (native)`. The trace
 * is guest text and may be forged; a line that does not fit is left out, and frames of the prelude are too.
 */
export function parseStack(stack: string): StackFrame[] {
  const frames: StackFrame[] = [];
  for (const raw of stack.split('\n')) {
    if (frames.length === mostFrames) break;
    const frame = parseLine(raw.trim());
    if (frame !== null && frame.file !== preludeFile) frames.push(frame);
  }
  return frames;
}

function parseLine(text: string): StackFrame | null {
  if (!text.startsWith('at ')) return null;
  const place = text.slice(3);
  if (place.endsWith(' (native)')) return { function: place.slice(0, -' (native)'.length) };
  const match = located.exec(place);
  if (match === null) return null;
  const [, name, file = '', line, column] = match;
  return { function: name ?? '<anonymous>', file, line: Number(line), column: Number(column) };
}
