import { connectServer } from '../server/protocol.ts';
import { failOut } from './failure.ts';
import { builtInstance, writeStatus } from './instance-state.ts';

/** `occlum stop`: ends every program of the started enclave, and its server. Without grace, as the genuine script. */
export async function stopServer(): Promise<number> {
  const layout = builtInstance();
  let stopped: () => void = () => {};
  const done = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  const connection = await connectServer(stopped, stopped);
  if (connection === null) throw failOut('the server of current Occlum instance has not been started.');
  writeStatus(layout, 'running');
  process.stdout.write('server is stopping.\n');
  connection.send({ op: 'stop' });
  await done;
  process.stdout.write('server stopped.\n');
  writeStatus(layout, 'built');
  return 0;
}
