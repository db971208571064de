import type { CommandEntry } from '../commands/command.ts';
import { functionsCommands } from './catalogue/functions-commands.ts';
import { hostCommands } from './catalogue/host-commands.ts';
import { imagesCommands } from './catalogue/images-commands.ts';
import { keyringsCommands } from './catalogue/keyrings-commands.ts';
import { trustCommands } from './catalogue/trust-commands.ts';

/**
 * Every command with its help. The code of one is loaded when it is called: loading all of them takes longer than most
 * of them run.
 */
export const catalogue: readonly CommandEntry[] = [
  ...functionsCommands,
  ...trustCommands,
  ...imagesCommands,
  ...keyringsCommands,
  ...hostCommands,
];
