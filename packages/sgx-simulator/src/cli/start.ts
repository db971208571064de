import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { isHeld } from '../instance/lock.ts';
import { CliFailure, failOut } from './failure.ts';
import { builtInstance, writeStatus } from './instance-state.ts';
import { checkAesm } from './launch-faults.ts';
import { readLaunchOptions, tellWeakStrict } from './launch-options.ts';
import { serversOf } from './liveness.ts';

const serverProgram = fileURLToPath(new URL('../bundle/occlum-sim-server.js', import.meta.url));

/**
 * `occlum start [options]`: launches the enclave and leaves a server behind that `exec` and `stop` talk to. As with
 * the genuine tool the server keeps standard error: who pipes it must wait for the exit, not for the end of the pipe.
 */
export async function startServer(words: string[]): Promise<number> {
  const layout = builtInstance();
  // Checks the words here, where the user sees the answer.
  tellWeakStrict(readLaunchOptions(words).options);
  checkAesm(layout);
  if (serversOf(layout.root).length > 0) throw failOut('the server of current Occlum instance has been started.');
  if (isHeld(layout.lock)) {
    throw failOut(
      'the process of current Occlum instance is running. Need to wait for the process to finish or kill it first.',
    );
  }
  writeStatus(layout, 'running');
  const child = spawn(process.execPath, [serverProgram, '-d', layout.root, ...words], {
    cwd: layout.root,
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const report = child.stdio[3];
  const said = report && 'read' in report ? await text(report) : '';
  if (said !== 'ready') {
    throw new CliFailure(`start server failed ${said || 'it died'}\nError: -1`, 'stderr');
  }
  child.unref();
  process.stdout.write('server is running.\n');
  writeStatus(layout, 'built');
  return 0;
}
