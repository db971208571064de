import { type JsonValue, TeeError } from '@neo-service-layer/tee-interface';

/** A JSON object with the exact source text of each of its members' values. */
export interface JsonDocument {
  value: { [key: string]: JsonValue };
  /** Source text of the value of a top-level member: what a signature over that member covers. */
  source: ReadonlyMap<string, string>;
}

const maxDepth = 32;

/**
 * Reads a JSON object (RFC 8259) more strictly than JSON.parse: a member that occurs twice in any object is refused,
 * because a signature might cover one and a reader see the other, and so is a member `__proto__`.
 *
 * JSON.parse reads it, and keeps one of two equal members; whether it left one out is seen by counting: each member
 * has one colon in the text.
 *
 * @param maxLength characters, above which the text is refused unread
 * @throws {TeeError} ERR_COLLATERAL_FORMAT
 */
export function parseJsonObject(text: string, maxLength: number): JsonDocument {
  if (text.length > maxLength) throw fault('is absurdly long');
  const value = parse(text);
  if (!isObject(value)) throw fault('is not an object');
  const { colons, source } = scan(text);
  if (countMembers(value) !== colons) throw fault('has a member twice in an object, or one called __proto__');
  return { value, source };
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw fault('is malformed', cause);
  }
}

function isObject(value: JsonValue): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Members of all objects, but for those called __proto__, so that these spoil the count. */
function countMembers(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countMembers(item);
    return count;
  }
  for (const name of Object.keys(value)) {
    if (name === '__proto__') continue;
    count += 1 + countMembers(value[name] ?? null);
  }
  return count;
}

/**
 * Walks over text that JSON.parse has found to be JSON: counts the colons outside of strings, and cuts out the values
 * of the outermost object. @throws {TeeError} ERR_COLLATERAL_FORMAT when it nests too deep
 */
function scan(text: string): { colons: number; source: Map<string, string> } {
  const source = new Map<string, string>();
  let colons = 0;
  let depth = 0;
  let name = '';
  let valueStart = -1;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        const end = endOfString(text, at);
        // At this depth a string is a name unless a colon came before it.
        if (depth === 1 && valueStart < 0) name = String(parse(text.slice(at, end + 1)));
        at = end;
        break;
      }
      case 0x3a:
        colons += 1;
        if (depth === 1) valueStart = at + 1;
        break;
      case 0x7b:
      case 0x5b:
        depth += 1;
        if (depth > maxDepth) throw fault('nests too deep');
        break;
      case 0x7d:
      case 0x5d:
        depth -= 1;
        if (depth > 0) break;
        if (valueStart >= 0) source.set(name, text.slice(valueStart, at).trim());
        break;
      case 0x2c:
        if (depth !== 1) break;
        source.set(name, text.slice(valueStart, at).trim());
        valueStart = -1;
        break;
    }
  }
  return { colons, source };
}

/** Offset of the quote that ends the string that begins at `start`: the first that no odd run of backslashes precedes. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text.charCodeAt(before - 1) === 0x5c) before -= 1;
    if ((end - before) % 2 === 0) return end;
  }
}

function fault(what: string, cause?: unknown): TeeError {
  return new TeeError('ERR_COLLATERAL_FORMAT', `The JSON ${what}.`, { cause });
}
