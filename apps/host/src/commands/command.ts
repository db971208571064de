import type { ExitCode, Output } from '../cli/output.ts';
import type { HostSettings } from '../enclave/settings.ts';

/** What a command works with. */
export interface CommandContext {
  args: string[];
  output: Output;
  settings: HostSettings;
  /** Aborted by SIGINT and SIGTERM. */
  signal: AbortSignal;
}

/** What the module of a command exports. */
interface CommandModule {
  run(context: CommandContext): Promise<ExitCode>;
}

/** One command of the CLI, without its code. */
export interface CommandEntry {
  /** Words that call it, e.g. `quote verify`. */
  name: string;
  summary: string;
  /** The command line in full, and one example. */
  usage: string;
  example: string;
  load(): Promise<CommandModule>;
}
