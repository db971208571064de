import { diagnose } from '@neo-service-layer/occlum-manager';
import { parseOptions } from '../cli/arguments.ts';
import { type ExitCode, printable } from '../cli/output.ts';
import { wrap } from '../cli/wrap.ts';
import type { CommandContext } from './command.ts';

const marks = { ok: 'OK       ', warning: 'WARNING  ', problem: 'PROBLEM  ' } as const;

/** `neo-tee doctor`: can enclaves run on this machine? Each line that is not OK says what to type next. */
export async function run({ args, output, settings }: CommandContext): Promise<ExitCode> {
  const { values } = parseOptions(args, { node: 'value' });
  const { simulation } = settings;
  const findings = await diagnose({ simulation, ...(values.node === undefined ? {} : { nodePath: values.node }) });
  const problems = findings.filter(({ level }) => level === 'problem').length;
  const warnings = findings.filter(({ level }) => level === 'warning').length;
  const mode = simulation ? 'simulation' : 'hardware';
  output.document({ ok: problems === 0, mode, problems, warnings, findings });
  output.line(`What ${mode} mode needs${simulation ? '' : ' (OCCLUM_SIMULATION=1 checks the other)'}:`);
  for (const { check, level, found, next } of findings) {
    output.line(printable(`${marks[level]}${check}: ${found}`));
    if (next !== null) for (const line of wrap(`-> ${next}`, '         ')) output.line(printable(line));
  }
  output.line(problems === 0 ? 'Enclaves can run here.' : `Enclaves cannot run here yet: ${problems} problem(s).`);
  return problems === 0 ? 0 : 2;
}
