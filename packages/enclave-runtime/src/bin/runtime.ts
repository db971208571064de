/**
 * The program of the image: `/bin/node … /app/runtime.mjs`. The bundle puts `sandbox-worker.mjs`, `quickjs.wasm`
 * and `configuration.json` beside it. It lives exactly as long as the link to the host: when the host dies, there is nobody left to serve.
 *
 * Environment (all of it set by the host, none of it trusted): TEE_HOST_LINK `host:port` to dial,
 * TEE_HOST_LINK_TOKEN what to say there; in simulation OCCLUM_SIM_DEVICE and OCCLUM_SIM_ROOTFS when run un-rooted.
 */
import { webcrypto } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { openSgxDevice } from '@neo-service-layer/attestation/device-node';
import { OcclumJavaScriptExecution } from '@neo-service-layer/js-execution';
import { type HostLink, hostBlobsOver, hostStoreOver } from '@neo-service-layer/tee-channel/host-link';
import { dialHost } from '@neo-service-layer/tee-channel/host-link-node';
import { parseImageConfiguration } from '../configuration.ts';
import { startRuntime } from '../runtime.ts';

// Node 18 has WebCrypto, but not as a global.
globalThis.crypto ??= webcrypto as typeof globalThis.crypto;

const { env } = process;
try {
  const address = env['TEE_HOST_LINK'];
  if (address === undefined)
    throw new Error('TEE_HOST_LINK is not set: the enclave does not know where its host listens');
  const [device, wasm, text] = await Promise.all([
    openSgxDevice(env['OCCLUM_SIM_DEVICE'] ?? '/dev/sgx'),
    readFile(new URL('./quickjs.wasm', import.meta.url)),
    readFile(new URL('./configuration.json', import.meta.url), 'utf8'),
  ]);
  const configuration = parseImageConfiguration(text);
  const sandbox = await OcclumJavaScriptExecution.create({
    workers: configuration.workers,
    maximumMemoryBytes: configuration.limits.memoryBytes,
    workerUrl: new URL('./sandbox-worker.mjs', import.meta.url),
    wasm,
  });
  const rootfs = env['OCCLUM_SIM_ROOTFS'] === 'none' ? 'host' : 'image';
  let giveLink: (link: HostLink) => void = () => {};
  const dialled = new Promise<HostLink>((resolve) => {
    giveLink = resolve;
  });
  const blobs = hostBlobsOver(dialled);
  const store = hostStoreOver(dialled);
  const onShutdown = () => process.exit(0);
  const handle = await startRuntime({ device, sandbox, rootfs, configuration, blobs, store, onShutdown });
  const link = await dialHost(address, env['TEE_HOST_LINK_TOKEN'] ?? '', handle);
  link.onClose(() => process.exit(3));
  giveLink(link);
} catch (error) {
  // Nothing secret exists yet at this point.
  process.stderr.write(`enclave-runtime: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
