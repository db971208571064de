import { setTimeout as sleep } from 'node:timers/promises';
import { waitStatus } from '../process/exit-code.ts';
import { watchParent } from '../process/watch-parent.ts';
import { bootFailureText, checkProgram } from '../sandbox/check-program.ts';
import { programEnvironment } from '../sandbox/environment.ts';
import { startProgram } from '../sandbox/start-program.ts';
import { connectServer, type ExecGrant, type LineConnection } from '../server/protocol.ts';
import { CliFailure, failOut } from './failure.ts';
import { builtInstance, writeStatus } from './instance-state.ts';
import { serversOf } from './liveness.ts';
import { programFault } from './program-faults.ts';

/**
 * `occlum exec <program> [arguments]`: a program in the enclave that `start` launched, with this process's streams and
 * its environment as far as env.untrusted lets it. Its exit code is not passed on: anything but 0 gives 1 and
 * `Error: <wait status>`.
 */
export async function execProgram(words: string[]): Promise<number> {
  const layout = builtInstance();
  let granted: (grant: ExecGrant | null) => void = () => {};
  const grant = new Promise<ExecGrant | null>((resolve) => {
    granted = resolve;
  });
  const lost: { end(): void } = { end: () => granted(null) };
  const connection = await connectServer(
    (value) => granted(value as ExecGrant),
    () => lost.end(),
  );
  if (connection === null && serversOf(layout.root).length === 0) {
    throw failOut('the server of current Occlum instance has not been started.');
  }
  writeStatus(layout, 'running');
  // The check by process list was met by the server of another instance.
  if (connection === null) throw launchFailed();
  connection.send({ op: 'exec' });
  const terms = await grant;
  if (terms === null) throw launchFailed();
  const [program = '', ...args] = words;
  const failure = checkProgram(program, terms.programs);
  const refused = failure === null ? programFault() : bootFailureText(failure);
  if (refused !== null) {
    process.stderr.write(refused);
    throw launchFailed();
  }
  const status = await follow(terms, connection, lost, program, args);
  connection.close();
  if (status !== 0) throw new CliFailure(`Error: ${status}`, 'stderr');
  writeStatus(layout, 'built');
  return 0;
}

/** Runs the program to its end. @returns its wait status, or -1 when it was cut short from here or by the server */
async function follow(
  terms: ExecGrant,
  connection: LineConnection,
  lost: { end(): void },
  program: string,
  args: string[],
): Promise<number> {
  const running = startProgram(terms.handle, program, args, programEnvironment(terms.env, process.env));
  let cut = false;
  const end = () => {
    cut = true;
    running.kill();
  };
  lost.end = end;
  const stopWatching = watchParent(end);
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  if (running.pid !== undefined) connection.send({ op: 'started', pid: running.pid });
  const ended = await running.ended;
  // Killed by a server that goes: the news of that may come a moment later, and counts.
  if (ended.signal === 'SIGKILL' && !cut) await sleep(100);
  stopWatching();
  lost.end = () => {};
  return cut ? -1 : waitStatus(ended);
}

function launchFailed(): CliFailure {
  return new CliFailure('Error: -1', 'stderr');
}
