import { kind, SourceFault, type Token, word } from './tokens.ts';

const accessWords: readonly number[] = [kind._public, kind._private, kind._protected, kind._readonly, kind._override];

/**
 * Refuses what has no meaning once types are gone, because it makes code: enums, namespaces, parameter properties,
 * `import x =`, `export =`.
 *
 * @throws SourceFault naming the first of them
 */
export function refuseUnsupported(tokens: readonly Token[]): void {
  tokens.forEach((token, index) => {
    const what = unsupported(tokens, index);
    if (what !== null) {
      throw new SourceFault(`${what}: only types that can be erased are supported`, token.start);
    }
  });
}

function unsupported(tokens: readonly Token[], index: number): string | null {
  const at = (offset: number) => tokens[index + offset];
  const type = at(0)?.type;
  if (at(0)?.isType === true) return beginsNamespace(tokens, index) ? 'a namespace is code' : null;
  if (type === kind._enum) return 'an enum is code';
  if (type === kind._export && at(1)?.type === kind.eq) return '"export =" is not an ES module';
  if (type === kind._import && isImportEquals(tokens, index + 1)) return '"import … =" is not an ES module';
  if (type !== undefined && accessWords.includes(type)) {
    const before = at(-1)?.type;
    if (before === kind.parenL || before === kind.comma) return 'a parameter property is code';
  }
  return null;
}

/** `namespace a {`, `module a {`, also behind `export`; with `declare` it is only a type. */
function beginsNamespace(tokens: readonly Token[], index: number): boolean {
  const { contextualKeyword } = tokens[index] ?? { contextualKeyword: 0 };
  if (contextualKeyword !== word._namespace && contextualKeyword !== word._module) return false;
  const before = tokens[index - 1];
  const begins = before?.isType !== true || before.type === kind._export;
  return begins && tokens[index + 1]?.type === kind.name && tokens[index + 1]?.isType === true;
}

function isImportEquals(tokens: readonly Token[], index: number): boolean {
  const first = tokens[index];
  const named = first?.contextualKeyword === word._type && tokens[index + 1]?.type === kind.name ? index + 1 : index;
  return tokens[named]?.type === kind.name && tokens[named + 1]?.type === kind.eq;
}
