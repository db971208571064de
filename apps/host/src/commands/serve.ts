import { createWriteStream } from 'node:fs';
import { FolderBlobs, FolderStore } from '@neo-service-layer/occlum-interface';
import { parseOptions } from '../cli/arguments.ts';
import { type ExitCode, printable } from '../cli/output.ts';
import { startControlServer } from '../control/control-server.ts';
import { controlSocketPath } from '../control/control-socket.ts';
import { LogRing } from '../control/log-ring.ts';
import { memberStatus } from '../control/pool-status.ts';
import { collateralSource } from '../enclave/collateral.ts';
import { preparePool } from '../enclave/prepare-pool.ts';
import { EnclavePool } from '../relay/enclave-pool.ts';
import { configurationOf, configurationOptions } from '../server/configuration-options.ts';
import { startServer } from '../server/server.ts';
import type { CommandContext } from './command.ts';

/** `neo-tee serve`: keep one enclave or several running and relay sealed messages to them. */
export async function run({ args, output, settings, signal }: CommandContext): Promise<ExitCode> {
  const { values } = parseOptions(args, {
    ...configurationOptions,
    // For a program that starts this one: when it dies, so does this, however it died.
    'exit-with-stdin': 'flag',
    // Everything that crosses this process, for whoever wants to see that it is ciphertext.
    record: 'value',
  });
  const { configuration } = configurationOf(values);
  const recording = values.record === undefined ? null : createWriteStream(values.record, { flags: 'a', mode: 0o600 });
  const record = (bytes: Uint8Array) => void recording?.write(bytes);
  const logs = new LogRing();
  // One event per line on stdout, whether a person or a program reads it.
  const event = ({ member, ...value }: { event: string; member?: number; [more: string]: unknown }) => {
    process.stdout.write(`${JSON.stringify(member === undefined ? value : { ...value, member })}\n`);
    logs.add(member ?? null, JSON.stringify(value));
  };

  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (values['exit-with-stdin']) process.stdin.on('end', resolve).on('error', resolve).resume();
  });
  const programs = await preparePool(settings, configuration.enclaves, (text) => output.progress(text));
  const store = new FolderStore(settings.storeDir);
  const pool = new EnclavePool({
    programs,
    launch: (member) => ({
      blobs: new FolderBlobs(settings.blobsDir),
      onLog: (line) => {
        logs.add(member, printable(line));
        output.progress(`enclave: ${printable(line)}`);
      },
      onLinkBytes: (_direction, bytes) => record(bytes),
    }),
    store,
    collateral: collateralSource(settings),
    onEvent: event,
  });
  const server = await startServer({
    configuration,
    enclave: (wanted) => pool.transport(wanted),
    enclaveMetrics: () => pool.metrics(),
    members: () => memberStatus(pool),
    onBody: recording === null ? undefined : record,
  });
  const { instance } = settings;
  const endControl = await startControlServer({
    path: controlSocketPath(settings),
    pool,
    logs,
    host: () => ({ url: server.url, instance }),
    drainSeconds: configuration.drainSeconds,
  });
  event({ event: 'listening', url: server.url, mrEnclave: programs[0]?.mrEnclave });
  // Says why by an event; the same as being given up.
  pool.start().catch(() => {});
  const reason = await Promise.race([stopped, pool.givenUp.then(() => 'failed' as const)]);
  // A pipe that is still open would keep this process.
  process.stdin.destroy();
  // What is under way ends first; the enclave is there for it.
  await server.close();
  await endControl();
  await pool.stop();
  await store.close();
  await new Promise<void>((resolve) => (recording === null ? resolve() : recording.end(resolve)));
  return reason === 'failed' ? 1 : 0;
}
