import { createWriteStream } from 'node:fs';
import { FolderBlobs, FolderStore } from '@neo-service-layer/occlum-interface';
import { HostLinkTransport } from '@neo-service-layer/tee-client';
import { parseOptions, usage } from '../cli/arguments.ts';
import { type ExitCode, printable } from '../cli/output.ts';
import { collateralSource } from '../enclave/collateral.ts';
import { prepareEnclave } from '../enclave/prepare.ts';
import { startRelay } from '../relay/relay-server.ts';
import { SupervisedEnclave } from '../relay/supervised-enclave.ts';
import type { CommandContext } from './command.ts';

/** `neo-tee serve`: keep an enclave running and relay sealed messages to it. */
export async function run({ args, output, settings, signal }: CommandContext): Promise<ExitCode> {
  const { values } = parseOptions(args, {
    port: 'value',
    // For a program that starts this one: when it dies, so does this, however it died.
    'exit-with-stdin': 'flag',
    // Everything that crosses this process, for whoever wants to see that it is ciphertext.
    record: 'value',
  });
  const port = Number(values.port ?? '8080');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw usage('--port wants a number from 0 to 65535.');
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
  const relay = await startRelay({
    port,
    enclave: () => (enclave.current === null ? null : new HostLinkTransport(enclave.current.link, collateral)),
    onBody: record,
  });
  event({ event: 'listening', url: relay.url, mrEnclave: image.mrEnclave });
  // Says why by an event; the same as being given up.
  enclave.start().catch(() => {});
  const reason = await Promise.race([stopped, enclave.givenUp.then(() => 'failed' as const)]);
  // A pipe that is still open would keep this process.
  process.stdin.destroy();
  await enclave.stop();
  await relay.close();
  await store.close();
  await new Promise<void>((resolve) => (recording === null ? resolve() : recording.end(resolve)));
  return reason === 'failed' ? 1 : 0;
}
