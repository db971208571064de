import { createWriteStream } from 'node:fs';
import { FolderBlobs, FolderStore } from '@neo-service-layer/occlum-interface';
import { HostLinkTransport } from '@neo-service-layer/tee-client';
import { parseOptions } from '../cli/arguments.ts';
import { type ExitCode, printable } from '../cli/output.ts';
import { collateralSource } from '../enclave/collateral.ts';
import { prepareEnclave } from '../enclave/prepare.ts';
import { SupervisedEnclave } from '../relay/supervised-enclave.ts';
import { configurationOf, configurationOptions } from '../server/configuration-options.ts';
import { startServer } from '../server/server.ts';
import type { CommandContext } from './command.ts';

/** `neo-tee serve`: keep an enclave running and relay sealed messages to it. */
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
  // One event per line on stdout, whether a person or a program reads it.
  const event = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);

  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (values['exit-with-stdin']) process.stdin.on('end', resolve).on('error', resolve).resume();
  });
  const image = await prepareEnclave(settings, (text) => output.progress(text));
  const collateral = collateralSource(settings);
  const store = new FolderStore(settings.storeDir);
  const enclave = new SupervisedEnclave(
    image,
    {
      blobs: new FolderBlobs(settings.blobsDir),
      store,
      onLog: (line) => output.progress(`enclave: ${printable(line)}`),
      onLinkBytes: (_direction, bytes) => record(bytes),
    },
    event,
  );
  const server = await startServer({
    configuration,
    enclave: () => (enclave.current === null ? null : new HostLinkTransport(enclave.current.link, collateral)),
    enclaveMetrics: () => enclave.metrics(),
    onBody: recording === null ? undefined : record,
  });
  event({ event: 'listening', url: server.url, mrEnclave: image.mrEnclave });
  // Says why by an event; the same as being given up.
  enclave.start().catch(() => {});
  const reason = await Promise.race([stopped, enclave.givenUp.then(() => 'failed' as const)]);
  // A pipe that is still open would keep this process.
  process.stdin.destroy();
  // What is under way ends first; the enclave is there for it.
  await server.close();
  await enclave.stop();
  await store.close();
  await new Promise<void>((resolve) => (recording === null ? resolve() : recording.end(resolve)));
  return reason === 'failed' ? 1 : 0;
}
