/* The parser inside the package sucrase, of which it declares only the whole. */
declare module 'sucrase/dist/parser/index.js' {
  export function parse(
    input: string,
    isJsx: boolean,
    isTypeScript: boolean,
    isFlow: boolean,
  ): { tokens: import('./tokens.ts').Token[] };
}
declare module 'sucrase/dist/parser/tokenizer/index.js' {
  export const IdentifierRole: Readonly<Record<'ExportAccess' | 'ImportAccess' | 'ImportDeclaration', number>>;
}
declare module 'sucrase/dist/parser/tokenizer/keywords.js' {
  export const ContextualKeyword: Readonly<
    Record<'_as' | '_from' | '_module' | '_namespace' | '_satisfies' | '_type', number>
  >;
}
declare module 'sucrase/dist/parser/tokenizer/types.js' {
  type Name =
    | ('_abstract' | '_class' | '_declare' | '_enum' | '_export' | '_implements' | '_import' | '_override')
    | ('_private' | '_protected' | '_public' | '_readonly' | '_static' | '_this' | '_with')
    | ('arrow' | 'backQuote' | 'bang' | 'braceL' | 'braceR' | 'bracketL' | 'bracketR' | 'colon' | 'comma' | 'dot')
    | (
        | 'eof'
        | 'eq'
        | 'lessThan'
        | 'name'
        | 'nonNullAssertion'
        | 'parenL'
        | 'parenR'
        | 'question'
        | 'semi'
        | 'star'
        | 'string'
      )
    | 'typeParameterStart';
  export const TokenType: Readonly<Record<Name, number>>;
}
