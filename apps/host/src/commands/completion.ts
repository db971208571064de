import { parseOptions, usage } from '../cli/arguments.ts';
import { catalogue } from '../cli/catalogue.ts';
import type { ExitCode } from '../cli/output.ts';
import { completionScript, shells } from '../completion/scripts.ts';
import { wordTree } from '../completion/word-tree.ts';
import type { CommandContext } from './command.ts';

/** `neo-tee completion`: the script with which a shell completes commands and options. */
export async function run({ args, output }: CommandContext): Promise<ExitCode> {
  const { positionals } = parseOptions(args, {});
  const shell = shells.find((name) => name === positionals[0]);
  if (shell === undefined || positionals.length > 1) throw usage(`completion wants one of ${shells.join(', ')}.`);
  const script = completionScript(shell, wordTree(catalogue));
  output.document({ ok: true, shell, script });
  output.line(script.trimEnd());
  return 0;
}
