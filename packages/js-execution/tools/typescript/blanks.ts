/// <reference path="./sucrase.d.ts" />
import { IdentifierRole } from 'sucrase/dist/parser/tokenizer/index.js';
import { kind, type Token, word } from './tokens.ts';

/** Tokens that begin a type within an expression or declaration; all others begin a statement or class member. */
const inner: readonly number[] = [
  ...[kind.colon, kind.lessThan, kind.typeParameterStart, kind._implements],
  ...[kind.question, kind.bang, kind._this, kind.comma],
];
const specifierRoles: readonly (number | null)[] = [
  IdentifierRole.ExportAccess,
  IdentifierRole.ImportAccess,
  IdentifierRole.ImportDeclaration,
];
/** After an expression, these go on with it even from a new line. */
const continuing: readonly number[] = [kind.parenL, kind.bracketL, kind.backQuote];
const lineEnd = /[\n\r\u2028\u2029]/;

/** Bytes of a UTF-16 unit in UTF-8; the halves of a pair count half of it each. */
function bytesOf(unit: string): number {
  if (unit < '\u0080') return 1;
  return unit < '\u0800' || (unit >= '\ud800' && unit <= '\udfff') ? 2 : 3;
}

/**
 * A source in which pieces are overwritten with blanks. Its lines stay, and its bytes in UTF-8, which is what the engine
 * counts columns in.
 */
export class Blanks {
  readonly #source: string;
  /** In order, none over another. */
  readonly #edits: { start: number; end: number; text: string }[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  /** Blanks out `start` to `end`. */
  clear(start: number, end: number): void {
    this.#edits.push({ start, end, text: this.#blank(start, end) });
  }

  /** The same for a whole statement or class member: what is before it must not run into what follows. */
  statement(start: number, end: number): void {
    this.#edits.push({ start, end, text: `;${this.#blank(start, end).slice(1)}` });
  }

  /** Blanks out the run of type tokens that begins at `index`. @returns the index behind it */
  typeRange(tokens: readonly Token[], index: number): number {
    let behind = index;
    while (tokens[behind]?.isType === true) behind += 1;
    const first = tokens[index];
    const last = tokens[behind - 1];
    const next = tokens[behind];
    if (first === undefined || last === undefined) return behind;
    const { start } = first;
    const { end } = last;
    const specifier = tokens.slice(index, behind).some((token) => specifierRoles.includes(token.identifierRole));
    if (specifier && next?.type === kind.comma) {
      this.clear(start, next.end);
      return behind + 1;
    }
    const assertion = first.contextualKeyword === word._as || first.contextualKeyword === word._satisfies;
    if (!specifier && !assertion && !inner.includes(first.type)) {
      this.statement(start, end);
      return behind;
    }
    const broken = next !== undefined && lineEnd.test(this.#source.slice(start, next.start));
    const before = tokens[index - 1];
    if (broken && next.type === kind.arrow && before?.type === kind.parenR) {
      // `=>` must stand on the line of the parenthesis before it.
      this.clear(before.start, end - 1);
      this.#edits.push({ start: end - 1, end, text: ')' });
    } else if (broken && next.type === kind.parenL && first.type === kind.lessThan) {
      // What comes before (`async`, `return`) must have the parenthesis on its line.
      this.#edits.push({ start, end: next.end, text: `(${this.#blank(start, next.end).slice(1)}` });
      return behind + 1;
    } else if (broken && assertion && continuing.includes(next.type)) {
      this.statement(start, end);
    } else {
      this.clear(start, end);
    }
    return behind;
  }

  /**
   * Blanks out the field that `declare` or `abstract` at `index` begins: it does not exist at run time.
   *
   * @returns the index behind it; `index` when no field begins there
   */
  bodilessField(tokens: readonly Token[], index: number): number {
    let behind = index + 1;
    const modifiers: readonly number[] = [
      ...[kind._public, kind._private, kind._protected, kind._readonly, kind._override, kind._static],
      ...[kind._abstract, kind._declare],
    ];
    while (modifiers.includes(tokens[behind]?.type ?? kind.eof)) behind += 1;
    const name = tokens[behind];
    if (name === undefined || name.isType || name.type === kind._class) return index;
    if (name.type === kind.bracketL) {
      for (let depth = 0; tokens[behind] !== undefined; behind += 1) {
        if (tokens[behind]?.type === kind.bracketL) depth += 1;
        if (tokens[behind]?.type === kind.bracketR) depth -= 1;
        if (depth === 0) break;
      }
    }
    const last = tokens[behind] ?? name;
    const from = tokens[index]?.start ?? name.start;
    this.statement(from, last.end);
    return behind + 1;
  }

  finish(): string {
    let text = '';
    let at = 0;
    for (const edit of this.#edits) {
      text += this.#source.slice(at, edit.start) + edit.text;
      at = edit.end;
    }
    return text + this.#source.slice(at);
  }

  #blank(start: number, end: number): string {
    return this.#source.slice(start, end).replace(/[^\n\r\u2028\u2029]/g, (unit) => ' '.repeat(bytesOf(unit)));
  }
}
