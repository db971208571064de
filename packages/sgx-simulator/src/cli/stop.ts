import { setTimeout as sleep } from 'node:timers/promises';
import { killQuietly } from '../process/kill-quietly.ts';
import { connectServer } from '../server/protocol.ts';
import { failOut } from './failure.ts';
import { builtInstance, writeStatus } from './instance-state.ts';
import { serversOf } from './liveness.ts';

/** How long the script waits for the server to end. OCCLUM_SIM_STOP_SECONDS shortens it, for tests. */
const patienceSeconds = 31;

/**
 * `occlum stop`: ends every program of the started enclave, and its server, without grace, as the genuine script. Like
 * it, waits until no server is in the process list that looks like this instance's, and kills what is left: servers of
 * instances whose path begins with this one's path among them.
 */
export async function stopServer(): Promise<number> {
  const layout = builtInstance();
  const connection = await connectServer(() => undefined);
  const isUp = () => serversOf(layout.root).length > 0;
  if (connection === null && !isUp()) throw failOut('the server of current Occlum instance has not been started.');
  writeStatus(layout, 'running');
  process.stdout.write('server is stopping.\n');
  connection?.send({ op: 'stop' });
  const until = Date.now() + 1000 * Number(process.env['OCCLUM_SIM_STOP_SECONDS'] ?? patienceSeconds);
  while (isUp() && Date.now() < until) await sleep(20);
  connection?.close();
  if (isUp()) {
    process.stdout.write("Error: timeout to stop the server, let's kill it.\n");
    for (const pid of serversOf(layout.root)) killQuietly(pid);
  }
  process.stdout.write('server stopped.\n');
  writeStatus(layout, 'built');
  return 0;
}
