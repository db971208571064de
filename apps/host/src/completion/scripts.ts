import type { Beginning } from './word-tree.ts';

/** Shells that completion is written for. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/** One of {@link shells}. */
export type Shell = (typeof shells)[number];

/** The script that a shell reads to complete `neo-tee`; where nothing fits, it completes file names. */
export function completionScript(shell: Shell, tree: readonly Beginning[]): string {
  if (shell === 'fish') return fish(tree);
  // zsh runs bash's completions by a module of its own.
  const head = shell === 'zsh' ? '#compdef neo-tee\nautoload -U +X bashcompinit && bashcompinit\n' : '';
  return head + bash(tree);
}

function bash(tree: readonly Beginning[]): string {
  const cases = tree.map(({ words, next, options }) => {
    const pattern =
      words === '' ? '""' : `"${words}"${options.length > 0 ? '|' : ''}${options.length > 0 ? `"${words} "*` : ''}`;
    return `    ${pattern}) candidates="${[...next.map(({ word }) => word), ...options].join(' ')}" ;;`;
  });
  return `_neo_tee() {
  local candidates="" words="" index
  for ((index = 1; index < COMP_CWORD; index++)); do words="$words\${words:+ }\${COMP_WORDS[index]}"; done
  case "$words" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$candidates" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _neo_tee neo-tee
`;
}

function fish(tree: readonly Beginning[]): string {
  const lines = tree.flatMap(({ words, next, options }) => [
    ...next.map(
      ({ word, summary }) => `complete -c neo-tee -f -n '__neo_tee_words "${words}"' -a ${word} -d ${quoted(summary)}`,
    ),
    ...options.map((option) => `complete -c neo-tee -n '__neo_tee_begins "${words}"' -l ${option.slice(2)}`),
  ]);
  return [
    'function __neo_tee_words',
    '  set -l words (commandline -opc)',
    '  test (string join " " $words[2..-1]) = "$argv[1]"',
    'end',
    'function __neo_tee_begins',
    '  set -l words (commandline -opc)',
    '  string match -q -- "$argv[1] *" (string join " " $words[2..-1])" "',
    'end',
    ...lines,
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, (character) => `\\${character}`)}'`;
}
