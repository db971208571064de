/// <reference path="./sucrase.d.ts" />
import { parse } from 'sucrase/dist/parser/index.js';
import { ContextualKeyword } from 'sucrase/dist/parser/tokenizer/keywords.js';
import { TokenType } from 'sucrase/dist/parser/tokenizer/types.js';

/** One token of a source: where it is, and whether it belongs to a type. */
export interface Token {
  type: number;
  contextualKeyword: number;
  start: number;
  end: number;
  isType: boolean;
  /** What an identifier is for; null for everything else. */
  identifierRole: number | null;
}

/** Kinds of token, the parser's numbers. */
export const kind = TokenType;
/** Words that are keywords in some places only, the parser's numbers. */
export const word = ContextualKeyword;

/** Syntax that types cannot be taken out of, or that is no TypeScript, with where it begins. */
export class SourceFault extends Error {
  readonly at: number;

  /** @param at offset in the source */
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Splits TypeScript into tokens and tells which are types. @throws SourceFault for what cannot be parsed */
export function tokensOf(source: string): readonly Token[] {
  try {
    return parse(source, false, true, false).tokens;
  } catch (error) {
    throw new SourceFault('unexpected token', positionOf(error) ?? 0);
  }
}

/** The parser's errors carry `pos`. */
function positionOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('pos' in error)) return null;
  return typeof error.pos === 'number' ? error.pos : null;
}
