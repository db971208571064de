import { join, relative, resolve } from 'node:path';
import { countArgument, parseOptions, usage, writeFile } from '../cli/arguments.ts';
import type { ExitCode } from '../cli/output.ts';
import { writePolicy } from '../cli/policy-file.ts';
import { trustAnchors } from '../enclave/collateral.ts';
import { builderPolicy } from '../enclave/open.ts';
import { prepareEnclave } from '../enclave/prepare.ts';
import { createProject, projectFiles, projectSettings } from '../project/create-project.ts';
import { packedPackages } from '../project/tarballs.ts';
import type { CommandContext } from './command.ts';

/**
 * `neo-tee init`: a project with a function in TypeScript, its test, and the policy of the enclave that it will run in. Like
 * `dev`, it builds that enclave for simulation: a project begins on a developer's machine.
 */
export async function run({ args, output }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, { port: 'value', packages: 'value' });
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw usage('init wants exactly one folder.');
  const folder = resolve(name);
  const packages = values.packages === undefined ? null : packedPackages(resolve(values.packages));
  createProject({ folder, port: countArgument('port', values.port) ?? 8080, packages });
  const settings = projectSettings(folder);
  const { mrEnclave } = await prepareEnclave(settings, (text) => output.progress(text));
  writePolicy(join(folder, projectFiles.policy), builderPolicy(mrEnclave, settings));
  for (const root of (await trustAnchors(settings)) ?? []) writeFile(join(folder, projectFiles.root), root);
  output.document({ ok: true, folder, mrEnclave });
  output.line(`A project in ${folder}, for the enclave ${mrEnclave} (SIMULATION).`);
  output.line();
  output.line(`  cd ${relative(process.cwd(), folder) || '.'}`);
  output.line('  npm install');
  output.line('  npm test');
  output.line('  npm run dev');
  return 0;
}
