import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { userNamespaces } from './namespaces.ts';

const program = fileURLToPath(new URL('../../bin/neo-tee.js', import.meta.url));
const repository = fileURLToPath(new URL('../../../../', import.meta.url));

/** A folder of the repository's root. */
export const repositoryPath = (path: string): string => `${repository}${path}`;

/** What a run of the CLI printed, and how it ended. */
export interface CliRun {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** The environment of a CLI run in simulation with a home of its own: nothing of the test's environment but PATH. */
export function cliEnvironment(
  home: string,
  rootfs: 'image' | 'none' = userNamespaces ? 'image' : 'none',
): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    TEE_HOME: home,
    OCCLUM_SIMULATION: '1',
    ...(rootfs === 'none' ? { OCCLUM_SIM_NO_ROOTFS: '1' } : {}),
  };
}

/** Starts the CLI; by default in the repository. */
export function startCli(args: readonly string[], env: NodeJS.ProcessEnv, cwd = repository) {
  return spawn(process.execPath, [program, ...args], { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Runs the CLI to its end. @param input what stands on its standard input; left open without one */
export async function runCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd?: string,
  input?: string,
): Promise<CliRun> {
  const child = startCli(args, env, cwd);
  if (input !== undefined) child.stdin.end(input);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exitCode = await new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
  return { exitCode, stdout, stderr };
}
