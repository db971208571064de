import type { CommandEntry } from '../commands/command.ts';

/** What may follow a beginning of a command line. */
export interface Beginning {
  /** The words so far, joined by blanks; empty for the first. */
  words: string;
  /** Words of commands that may follow, each with what it does (empty for a word that only begins commands). */
  next: { word: string; summary: string }[];
  /** Options of the command that the words are; empty when they only begin one. */
  options: string[];
}

/** The options that a command's usage names, with `--help`. */
export function optionsOf({ usage }: Pick<CommandEntry, 'usage'>): string[] {
  return [...new Set([...(usage.match(/--[a-z][a-z0-9-]*/g) ?? []), '--help'])];
}

/** Every beginning of the commands' names and what may follow it, the longer ones first: of those that fit, the first counts. */
export function wordTree(commands: readonly Pick<CommandEntry, 'name' | 'summary' | 'usage'>[]): Beginning[] {
  const beginnings = new Map<string, Beginning>();
  const at = (words: string): Beginning => {
    const found = beginnings.get(words) ?? { words, next: [], options: [] };
    beginnings.set(words, found);
    return found;
  };
  for (const command of commands) {
    const words = command.name.split(' ');
    for (const [index, word] of words.entries()) {
      const { next } = at(words.slice(0, index).join(' '));
      const summary = index === words.length - 1 ? command.summary : '';
      if (!next.some((known) => known.word === word)) next.push({ word, summary });
    }
    at(command.name).options = optionsOf(command);
  }
  return [...beginnings.values()].sort((one, other) => other.words.length - one.words.length);
}
