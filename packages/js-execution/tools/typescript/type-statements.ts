import { kind, type Token, word } from './tokens.ts';

/**
 * Where `import type …` or `export type …` of other files' names ends. The parser does not count these as types.
 *
 * @returns the index behind the statement; `index` itself when no such statement begins there
 */
export function statementEnd(tokens: readonly Token[], index: number): number {
  const type = tokens[index]?.type;
  if (type !== kind._import && type !== kind._export) return index;
  if (tokens[index + 1]?.contextualKeyword !== word._type || !namesFollow(tokens, index + 2)) return index;
  let end = index + 2;
  const isEnd = () => tokens[end] === undefined || tokens[end]?.type === kind.eof;
  while (!isEnd() && tokens[end]?.type !== kind.string) {
    end += 1;
    // `export type { A };` has no source.
    if (tokens[end - 1]?.type === kind.braceR && tokens[end]?.contextualKeyword !== word._from)
      return semicolon(tokens, end);
  }
  end += 1;
  if (tokens[end]?.type === kind._with) {
    while (!isEnd() && tokens[end]?.type !== kind.braceR) end += 1;
    end += 1;
  }
  return semicolon(tokens, end);
}

/** What follows `type` are names, so that `type` is not itself the name of a default import. */
function namesFollow(tokens: readonly Token[], index: number): boolean {
  const next = tokens[index];
  if (next?.type === kind.braceL || next?.type === kind.star) return true;
  if (next?.type !== kind.name) return false;
  return next.contextualKeyword !== word._from || tokens[index + 1]?.contextualKeyword === word._from;
}

function semicolon(tokens: readonly Token[], end: number): number {
  return tokens[end]?.type === kind.semi ? end + 1 : end;
}
