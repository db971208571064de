/**
 * The process that `occlum-sim start` leaves behind, in the folder of its instance. Its arguments are `-d` and that
 * folder, by which it is found in the process list, and those of `start`; on descriptor 3 it says `ready`, or why it
 * could not start.
 */
import { closeSync, writeSync } from 'node:fs';
import { CliFailure } from '../cli/failure.ts';
import { launchFailure } from '../cli/launch-failure.ts';
import { meetLaunchFaults } from '../cli/launch-faults.ts';
import { readLaunchOptions } from '../cli/launch-options.ts';
import { outOfTcs, watchEnclaveLoss } from '../cli/program-faults.ts';
import { instanceLayout } from '../instance/layout.ts';
import { ExecServer } from '../server/exec-server.ts';

function report(text: string): void {
  writeSync(3, text);
  closeSync(3);
}

try {
  await meetLaunchFaults();
  const server = await ExecServer.start(
    instanceLayout(process.cwd()),
    readLaunchOptions(process.argv.slice(4)).options,
  );
  if (server === null) throw new CliFailure('the instance is running', 'stderr');
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.once(signal, () => void server.stop().then(() => process.exit(0)));
  }
  server.watchThreads((program) => process.stderr.write(outOfTcs(program)));
  watchEnclaveLoss(() => void server.lose().then(() => process.exit(1)));
  report('ready');
} catch (error) {
  const failure = launchFailure(error);
  report(failure instanceof Error ? failure.message : 'it failed');
  process.exit(1);
}
