import type { StackFrame, Thrown } from '../outcome.ts';
import { parseStack } from './stack-frames.ts';

/** What is said of a thrown value that could not be described within the limits. */
export const undescribed: Thrown = {
  isError: true,
  name: 'Error',
  message: 'the thrown value could not be described',
  cut: false,
  frames: [],
  causes: [],
};

/** The longest description taken over, in bytes: the prelude's own bounds times four bytes a character, thrice for causes. */
export const longestDescription = 256 * 1024;

/**
 * Reads what the prelude's `describe` wrote. It ran in the guest's realm, so every field is checked.
 *
 * @param framesOf reads the engine's stack traces
 */
export function parseThrown(json: string, framesOf: (stack: string) => StackFrame[] = parseStack): Thrown {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undescribed;
  }
  if (!isRecord(value)) return undescribed;
  const causes = Array.isArray(value['causes']) ? value['causes'].slice(0, 3).filter(isRecord) : [];
  return {
    isError: value['error'] === true,
    name: text(value['name']),
    message: text(value['message']),
    cut: value['cut'] === true,
    frames: framesOf(text(value['stack'])),
    causes: causes.map((cause) => ({ name: text(cause['name']), message: text(cause['message']) })),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
