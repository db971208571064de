import { X509Certificate } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { FolderBlobs } from '@neo-service-layer/occlum-interface';
import { parseOptions } from '../cli/arguments.ts';
import { type ExitCode, printable } from '../cli/output.ts';
import { type ControlServerOptions, startControlServer } from '../control/control-server.ts';
import { controlSocketPath } from '../control/control-socket.ts';
import { LogRing } from '../control/log-ring.ts';
import { memberStatus } from '../control/pool-status.ts';
import { collateralSource, trustAnchors } from '../enclave/collateral.ts';
import { lockedStore } from '../enclave/locked-store.ts';
import { builderPolicy } from '../enclave/open.ts';
import { preparePool } from '../enclave/prepare-pool.ts';
import { replacement } from '../enclave/replacement.ts';
import { type HostSettings, settingsOf } from '../enclave/settings.ts';
import { EnclavePool } from '../relay/enclave-pool.ts';
import { configurationOf, configurationOptions } from '../server/configuration-options.ts';
import { builtConsole } from '../server/console-files.ts';
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
  let serving = { settings, held: await lockedStore(settings, 'serve', 30_000) };
  const watch = (member: number) => ({
    onLog: (line: string) => {
      logs.add(member, printable(line));
      output.progress(`enclave: ${printable(line)}`);
    },
    onLinkBytes: (_direction: 'in' | 'out', bytes: Uint8Array) => record(bytes),
  });
  const pool = new EnclavePool({
    programs,
    launch: (member) => ({ blobs: new FolderBlobs(settings.blobsDir), ...watch(member) }),
    store: serving.held.store,
    collateral: collateralSource(settings),
    onEvent: event,
  });
  const roots = ((await trustAnchors(settings)) ?? []).map((der) => new X509Certificate(der).toString());
  const [first] = programs;
  let suggested = first === undefined ? null : { policy: builderPolicy(first.mrEnclave, settings), roots };
  const server = await startServer({
    configuration,
    enclave: (wanted) => pool.transport(wanted),
    enclaveMetrics: () => pool.metrics(),
    members: () => memberStatus(pool),
    console: { folder: builtConsole(), suggestion: () => suggested },
    onBody: recording === null ? undefined : record,
  });
  const replace = async (instance: string, approval: Uint8Array | null) => {
    const target = settingsOf(settings, instance);
    const next = await replacement({
      settings: target,
      count: configuration.enclaves,
      approval,
      watch,
      onProgress: (text) => output.progress(text),
      reopen: async (move) => {
        const held = await lockedStore(target, 'serve', 0);
        try {
          await serving.held.store.close();
          await move(serving.settings.storeDir);
        } catch (error) {
          await held.close();
          throw error;
        }
        await serving.held.close();
        serving = { settings: target, held };
        return held.store;
      },
    });
    await pool.replace(next, configuration.drainSeconds * 1000);
    const [program] = next.programs;
    if (program !== undefined) suggested = { policy: builderPolicy(program.mrEnclave, target), roots };
  };
  const { drainSeconds } = configuration;
  // Without it the host serves as well: nothing but the operator's own commands needs it.
  const endControl = await listenForOperator(settings, event, {
    pool,
    logs,
    host: () => ({ url: server.url, instance: serving.settings.instance }),
    replace,
    drainSeconds,
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
  await serving.held.close();
  await new Promise<void>((resolve) => (recording === null ? resolve() : recording.end(resolve)));
  return reason === 'failed' ? 1 : 0;
}

async function listenForOperator(
  settings: HostSettings,
  event: (value: { event: string; message: string }) => void,
  options: Omit<ControlServerOptions, 'path'>,
): Promise<() => Promise<void>> {
  try {
    return await startControlServer({ ...options, path: controlSocketPath(settings) });
  } catch (error) {
    event({ event: 'control-failed', message: error instanceof Error ? error.message : String(error) });
    return async () => {};
  }
}
