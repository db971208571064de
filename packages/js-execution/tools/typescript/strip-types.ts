import { Blanks } from './blanks.ts';
import { kind, SourceFault, type Token, tokensOf } from './tokens.ts';
import { statementEnd } from './type-statements.ts';
import { refuseUnsupported } from './unsupported.ts';

/** JavaScript made of TypeScript, or why not. Lines and columns are 1-based. */
export type Stripped = { code: string; module: boolean } | { fault: string; line: number; column: number };

/** Words of TypeScript that stand alone in what stays. */
const bareWords: readonly number[] = [
  ...[kind._public, kind._private, kind._protected, kind._readonly, kind._override],
  ...[kind._abstract, kind._declare, kind.nonNullAssertion],
];
/** Words with which a class field is only declared. */
const fieldMarks: readonly number[] = [kind._abstract, kind._declare];

/**
 * Takes the types out of a source: every character of theirs becomes a space, so that all that stays is where it was,
 * in line and column. Nothing else is checked: the engine that gets the result does that.
 */
export function stripTypes(source: string): Stripped {
  try {
    const tokens = tokensOf(source);
    refuseUnsupported(tokens);
    const blanks = new Blanks(source);
    for (let index = 0; index < tokens.length; ) index = step(tokens, index, blanks);
    return { code: blanks.finish(), module: tokens.some((_, index) => isModuleWord(tokens, index)) };
  } catch (error) {
    if (!(error instanceof SourceFault)) throw error;
    const before = source.slice(0, error.at).split(/\r\n|[\n\r\u2028\u2029]/);
    return { fault: error.message, line: before.length, column: (before.at(-1) ?? '').length + 1 };
  }
}

/** Handles the token at `index`. @returns the index of the next one to handle */
function step(tokens: readonly Token[], index: number, blanks: Blanks): number {
  const token = tokens[index];
  if (token === undefined) return tokens.length;
  if (token.isType) return blanks.typeRange(tokens, index);
  const end = statementEnd(tokens, index);
  if (end > index) {
    blanks.statement(token.start, tokens[end - 1]?.end ?? token.end);
    return end;
  }
  const behind = fieldMarks.includes(token.type) ? blanks.bodilessField(tokens, index) : index;
  if (behind > index) return behind;
  if (bareWords.includes(token.type)) blanks.clear(token.start, token.end);
  return index + 1;
}

/** `import` and `export` of the top level, which make a file a module; not `import()` and `import.meta`. */
function isModuleWord(tokens: readonly Token[], index: number): boolean {
  const type = tokens[index]?.type;
  const next = tokens[index + 1]?.type;
  return type === kind._export || (type === kind._import && next !== kind.parenL && next !== kind.dot);
}
