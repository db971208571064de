import { type JsonValue, TeeError } from '@neo-service-layer/tee-interface';

/** A JSON object with the exact source text of each of its members' values. */
export interface JsonDocument {
  value: { [key: string]: JsonValue };
  /** Source text of the value of a top-level member: what a signature over that member covers. */
  source: ReadonlyMap<string, string>;
}

const maxDepth = 32;
const maxMembers = 1024;
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const literals: ReadonlyArray<[string, JsonValue]> = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/**
 * Reads a JSON object (RFC 8259) more strictly than JSON.parse: a member that occurs twice in any object is refused,
 * because a signature might cover one and a reader see the other. Members get no prototype.
 * @param maxLength characters, above which the text is refused unread
 * @throws {TeeError} ERR_COLLATERAL_FORMAT
 */
export function parseJsonObject(text: string, maxLength: number): JsonDocument {
  if (text.length > maxLength) throw fault('is absurdly long', 0);
  const parser = new Parser(text);
  return parser.document();
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonDocument {
    const source = new Map<string, string>();
    this.#space();
    if (this.#text[this.#at] !== '{') throw fault('is not an object', this.#at);
    const value = this.#object(0, source);
    this.#space();
    if (this.#at !== this.#text.length) throw fault('has something after its end', this.#at);
    return { value, source };
  }

  #value(depth: number): JsonValue {
    if (depth > maxDepth) throw fault('nests too deep', this.#at);
    const next = this.#text.charCodeAt(this.#at);
    if (next === 0x7b) return this.#object(depth);
    if (next === 0x5b) return this.#array(depth);
    if (next === 0x22) return this.#string();
    const isNumber = next === 0x2d || (next >= 0x30 && next <= 0x39);
    if (isNumber) return Number(this.#token(numberPattern, 'a value'));
    for (const [literal, value] of literals) {
      if (this.#text.startsWith(literal, this.#at)) {
        this.#at += literal.length;
        return value;
      }
    }
    throw fault('lacks a value', this.#at);
  }

  #object(depth: number, source?: Map<string, string>): { [key: string]: JsonValue } {
    const object: { [key: string]: JsonValue } = Object.create(null);
    let members = 0;
    this.#at += 1;
    this.#space();
    if (this.#skip('}')) return object;
    do {
      members += 1;
      if (members > maxMembers) throw fault('has an object with too many members', this.#at);
      this.#space();
      const start = this.#at;
      const key = this.#string();
      if (Object.hasOwn(object, key)) throw fault(`has the member ${JSON.stringify(key.slice(0, 40))} twice`, start);
      this.#space();
      this.#expect(':');
      this.#space();
      const from = this.#at;
      object[key] = this.#value(depth + 1);
      source?.set(key, this.#text.slice(from, this.#at));
      this.#space();
    } while (this.#skip(','));
    this.#expect('}');
    return object;
  }

  #array(depth: number): JsonValue[] {
    const array: JsonValue[] = [];
    this.#at += 1;
    this.#space();
    if (this.#skip(']')) return array;
    do {
      this.#space();
      array.push(this.#value(depth + 1));
      this.#space();
    } while (this.#skip(','));
    this.#expect(']');
    return array;
  }

  #string(): string {
    const start = this.#at;
    if (this.#text[start] !== '"') throw fault('lacks a string', start);
    let escaped = false;
    for (let at = start + 1; at < this.#text.length; at += 1) {
      const unit = this.#text.charCodeAt(at);
      if (unit < 0x20) break;
      if (unit === 0x22) {
        this.#at = at + 1;
        return escaped ? readEscapes(this.#text.slice(start, at + 1), start) : this.#text.slice(start + 1, at);
      }
      if (unit === 0x5c) {
        escaped = true;
        at += 1;
      }
    }
    throw fault('has a string that does not end, or a control character in it', start);
  }

  #token(pattern: RegExp, what: string): string {
    pattern.lastIndex = this.#at;
    const [token] = pattern.exec(this.#text) ?? [];
    if (token === undefined) throw fault(`lacks ${what}`, this.#at);
    this.#at += token.length;
    return token;
  }

  #space(): void {
    let unit = this.#text.charCodeAt(this.#at);
    while (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09) {
      this.#at += 1;
      unit = this.#text.charCodeAt(this.#at);
    }
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#skip(character)) throw fault(`lacks ${character}`, this.#at);
  }
}

/** JSON.parse knows every escape and refuses every other one. */
function readEscapes(token: string, offset: number): string {
  try {
    return String(JSON.parse(token));
  } catch {
    throw fault('has a string with an unknown escape', offset);
  }
}

function fault(what: string, offset: number): TeeError {
  return new TeeError('ERR_COLLATERAL_FORMAT', `The JSON ${what}.`, { actual: `at character ${offset}` });
}
