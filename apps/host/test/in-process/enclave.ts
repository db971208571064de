import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInConfiguration, type RuntimeConfiguration, startRuntime } from '@neo-service-layer/enclave-runtime';
import { OcclumJavaScriptExecution } from '@neo-service-layer/js-execution';
import { KeyringOfEnclave } from '@neo-service-layer/occlum-interface';
import { SimulatedPlatform, writeSigstruct } from '@neo-service-layer/sgx-simulator';
import {
  answerHostBlobs,
  answerHostStore,
  firstThatKnows,
  type HostBlobs,
  type HostLink,
  type HostStore,
  hostBlobsOver,
  hostStoreOver,
} from '@neo-service-layer/tee-channel/host-link';
import { dialHost, listenForEnclave } from '@neo-service-layer/tee-channel/host-link-node';
import { HostLinkTransport, TeeClient, type TeeClientOptions } from '@neo-service-layer/tee-client';

/** Signing takes a second to set up; one signer serves a test file. */
export function signer(): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: 3072, publicExponent: 3 }).privateKey;
}

/** One simulated machine in a folder of its own. */
export async function machine() {
  const folder = await mkdtemp(join(tmpdir(), 'machine-'));
  const platform = await SimulatedPlatform.open(join(folder, 'platform'));
  return { platform, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The runtime on a simulated CPU, in this process, behind a real host link: everything but Occlum. */
export async function startEnclave(
  platform: SimulatedPlatform,
  signKey: KeyObject,
  options: {
    mrEnclave?: Uint8Array;
    isvSvn?: number;
    now?: () => number;
    configuration?: RuntimeConfiguration;
    keyring?: RuntimeConfiguration['keyring'];
    /** Where the host keeps sealed bytes; it keeps none otherwise. */
    blobs?: HostBlobs;
    /** Where it keeps what users store. */
    store?: HostStore;
  } = {},
) {
  const measurement = options.mrEnclave ?? new Uint8Array(32).fill(0x5a);
  const attributes = { flags: 4n, xfrm: 3n };
  const sigstruct = writeSigstruct(
    {
      enclaveHash: measurement,
      attributes,
      attributeMask: { flags: 0xffff_ffff_ffff_fffen, xfrm: 0n },
      miscSelect: 0,
      miscMask: 0xffff_ffff,
      isvProdId: 7,
      isvSvn: options.isvSvn ?? 1,
      isvFamilyId: new Uint8Array(16),
      isvExtProdId: new Uint8Array(16),
      date: 0x20261125,
    },
    signKey,
  );
  const device = platform.launch({ sigstruct, measurement }).device();
  const token = randomBytes(16).toString('hex');
  const crossed: Uint8Array[] = [];
  const sandbox = await OcclumJavaScriptExecution.create({ workers: 1 });
  const { now, blobs, store, keyring } = options;
  const configuration = keyring === undefined ? options.configuration : { ...builtInConfiguration, keyring };
  let giveLink: (link: HostLink) => void = () => {};
  const dialled = new Promise<HostLink>((resolve) => {
    giveLink = resolve;
  });
  const handle = await startRuntime({
    device,
    sandbox,
    rootfs: 'image',
    blobs: hostBlobsOver(dialled),
    store: hostStoreOver(dialled),
    onShutdown: () => {},
    ...(now === undefined ? {} : { now }),
    ...(configuration === undefined ? {} : { configuration }),
  });
  const answerCalls = firstThatKnows(
    ...(blobs === undefined ? [] : [answerHostBlobs(blobs)]),
    ...(store === undefined ? [] : [answerHostStore(store)]),
  );
  const listener = await listenForEnclave(token, (_direction, bytes) => crossed.push(bytes), answerCalls);
  const [hostLink, enclaveLink] = await Promise.all([listener.accept(5000), dialHost(listener.address, token, handle)]);
  listener.close();
  giveLink(enclaveLink);
  const collateral = async () => platform.collateral(new Date());
  const transport = new HostLinkTransport(hostLink, collateral);
  return {
    transport,
    hostLink,
    keyring: new KeyringOfEnclave(hostLink, collateral),
    mrEnclave: Buffer.from(measurement).toString('hex'),
    /** Every byte that crossed the host link. */
    crossed: () => Buffer.concat(crossed),
    connect: (changes: Partial<TeeClientOptions> = {}) =>
      TeeClient.connect({
        transport,
        policy: { mrEnclave: [Buffer.from(measurement).toString('hex')], allowSimulation: true },
        trustAnchors: [platform.rootCertificate],
        ...changes,
      }),
    stop: async () => {
      hostLink.close();
      await sandbox.close();
    },
  };
}
