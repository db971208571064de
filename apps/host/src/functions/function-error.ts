import { isTeeError, type JsonValue, type TeeErrorJson } from '@neo-service-layer/tee-interface';
import { errorDocument, errorLines, printable } from '../cli/output.ts';

/** Whether an error says something about the user's function rather than about this machine. */
export function isFunctionError(error: unknown): boolean {
  return isTeeError(error) && error.code.startsWith('ERR_JS_');
}

/** The error of a function for `--json`: with its position at the top. */
export function functionErrorDocument(error: unknown): TeeErrorJson & { line?: JsonValue; column?: JsonValue } {
  const document = errorDocument(error);
  const { line, column } = document.details ?? {};
  return { ...document, ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
}

/** The error of a function for people: what happened, and the line with a caret under the place. */
export function functionErrorLines(error: unknown, file: string): string[] {
  const { details = {} } = errorDocument(error);
  const { excerpt, line, column } = details;
  const place =
    typeof line === 'number'
      ? [`  at ${fileOf(excerpt) ?? file}:${line}${typeof column === 'number' ? `:${column}` : ''}`]
      : [];
  return [...errorLines(error), ...place, ...excerptLines(excerpt)].map(printable);
}

/** The file that an excerpt is of, when it is one of the author's. */
function fileOf(excerpt: JsonValue | undefined): string | null {
  if (typeof excerpt !== 'object' || excerpt === null || Array.isArray(excerpt)) return null;
  const { file } = excerpt;
  // The sandbox calls source that came as it is `main`: the caller knows its path.
  const isOwn = typeof file === 'string' && /\.[cm]?[jt]sx?$/.test(file) && !/^main\.\w+$/.test(file);
  return isOwn ? file : null;
}

function excerptLines(excerpt: JsonValue | undefined): string[] {
  if (typeof excerpt !== 'object' || excerpt === null || Array.isArray(excerpt)) return [];
  const { line, column, text } = excerpt;
  if (typeof line !== 'number' || typeof column !== 'number' || typeof text !== 'string') return [];
  const gutter = `  ${line} | `;
  // Tabs stay tabs, so that the caret stands where the terminal puts the character.
  const before = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return ['', `${gutter}${text}`, `${' '.repeat(gutter.length - 2)}| ${before}^`];
}
