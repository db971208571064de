import type { ExecOptions, ExitReport } from '@neo-service-layer/occlum-manager';
import { usage } from '../../cli/arguments.ts';
import { type ExitCode, type Output, printable } from '../../cli/output.ts';
import type { CommandContext } from '../command.ts';

/** How a program of the user's is started: its output goes where ours goes, or into the document of `--json`. */
export function programOptions({ output, signal }: CommandContext, variables: string[] = []): ExecOptions {
  return {
    signal,
    env: Object.fromEntries(variables.map(splitVariable)),
    ...(output.json
      ? {}
      : {
          stdout: (chunk: Uint8Array) => void process.stdout.write(chunk),
          stderr: (chunk: Uint8Array) => void process.stderr.write(chunk),
        }),
  };
}

function splitVariable(variable: string): [string, string] {
  const at = variable.indexOf('=');
  if (at < 1) throw usage('--env wants NAME=VALUE.');
  return [variable.slice(0, at), variable.slice(at + 1)];
}

/** Says how the program ended: 0 when it ended well, 2 when it did not, 1 when there was none. */
export function finish(output: Output, report: ExitReport): ExitCode {
  const { kind, code, signal, diagnosis } = report;
  const ok = kind === 'exited' && code === 0;
  output.document({ ok, ...report });
  if (ok) return 0;
  const end = { exited: `ended with code ${code}`, killed: `was killed by ${signal}`, failed: 'did not start' }[kind];
  output.progress(`The program ${end}.`);
  if (diagnosis !== null) {
    for (const line of [diagnosis.meaning, diagnosis.hint]) output.progress(printable(`  ${line}`));
  }
  return kind === 'failed' ? 1 : 2;
}
