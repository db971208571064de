import { TeeError } from '@neo-service-layer/tee-interface';
import { parseOptions, usage } from '../cli/arguments.ts';
import type { ExitCode } from '../cli/output.ts';
import { DevSession } from '../dev/dev-session.ts';
import { faultNamed } from '../dev/faults/strike.ts';
import { projectSettings } from '../project/create-project.ts';
import { projectOptions } from '../project/project-file.ts';
import type { CommandContext } from './command.ts';

/**
 * `neo-tee dev`: a simulated enclave for the project of the working directory. Functions are deployed whenever they are
 * saved, and called as their examples say; with `--fault` something goes wrong on purpose, and what comes of it is shown.
 */
export async function run({ args, output, signal }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, { fault: 'value', once: 'flag' });
  if (positionals.length > 0) throw usage('dev takes options only.');
  const fault = values.fault === undefined ? null : faultNamed(values.fault);
  const folder = process.cwd();
  const { url, ...project } = projectOptions(folder);
  if (url === undefined) {
    throw new TeeError('ERR_INVALID_ARGUMENT', `${folder} is no project.`, {
      expected: 'neo-tee.json',
      hint: 'neo-tee init FOLDER makes one; run dev in it.',
    });
  }
  const session = new DevSession({ folder, project: { ...project, url }, settings: projectSettings(folder), output });
  try {
    await session.start();
    const deployed = await session.deployChanged();
    const struck = fault && (await session.strike(fault));
    if (!values.once) await session.watch(signal);
    const ok = struck?.isExpected !== false;
    const played = struck && { name: fault?.name, before: struck.before, after: struck.after, isExpected: ok };
    output.document({ ok, deployed, fault: played });
    return ok ? 0 : 2;
  } finally {
    await session.close();
  }
}
