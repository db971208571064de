import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRuntime } from '@neo-service-layer/enclave-runtime';
import { OcclumJavaScriptExecution } from '@neo-service-layer/js-execution';
import { SimulatedPlatform, writeSigstruct } from '@neo-service-layer/sgx-simulator';
import { linkCalls } from '@neo-service-layer/tee-channel/host-link';
import { TeeClient, type TeeClientOptions, type Transport } from '@neo-service-layer/tee-client';
import { TeeError } from '@neo-service-layer/tee-interface';
import { decodeCanonical } from '@neo-service-layer/tee-interface/cbor';

const signKey = generateKeyPairSync('rsa', { modulusLength: 3072, publicExponent: 3 }).privateKey;

/** A simulated machine in a folder of its own. */
export async function machine() {
  const folder = await mkdtemp(join(tmpdir(), 'evil-host-'));
  const platform = await SimulatedPlatform.open(join(folder, 'platform'));
  return { platform, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The real runtime on a simulated CPU, in this process; what a host carries is carried by function calls. */
export async function startEnclave(
  platform: SimulatedPlatform,
  options: { measurement?: Uint8Array; now?: () => number } = {},
) {
  const measurement = options.measurement ?? new Uint8Array(32).fill(0x5a);
  const sigstruct = writeSigstruct(
    {
      enclaveHash: measurement,
      attributes: { flags: 4n, xfrm: 3n },
      attributeMask: { flags: 0xffff_ffff_ffff_fffen, xfrm: 0n },
      miscSelect: 0,
      miscMask: 0xffff_ffff,
      isvProdId: 7,
      isvSvn: 1,
      isvFamilyId: new Uint8Array(16),
      isvExtProdId: new Uint8Array(16),
      date: 0x20261125,
    },
    signKey,
  );
  const sandbox = await OcclumJavaScriptExecution.create({ workers: 1 });
  const handle = await startRuntime({
    device: platform.launch({ sigstruct, measurement }).device(),
    sandbox,
    rootfs: 'image',
    onShutdown: () => {},
    ...(options.now === undefined ? {} : { now: options.now }),
  });
  const transport: Transport = {
    evidence: async () => {
      const parts = decodeCanonical(await handle(linkCalls.evidence, new Uint8Array()));
      const [quote, claims] = Array.isArray(parts) ? parts : [];
      if (!(quote instanceof Uint8Array) || !(claims instanceof Uint8Array)) {
        throw new TeeError('ERR_LINK_PROTOCOL', 'no evidence');
      }
      return { quote, claims, collateral: platform.collateral(new Date()) };
    },
    exchange: (message) => handle(linkCalls.channel, message),
    close: async () => {},
  };
  const policy = { mrEnclave: [Buffer.from(measurement).toString('hex')], allowSimulation: true as const };
  return {
    transport,
    policy,
    connect: (changes: Partial<TeeClientOptions> = {}) =>
      TeeClient.connect({ transport, policy, trustAnchors: [platform.rootCertificate], ...changes }),
    stop: () => sandbox.close(),
  };
}

/** A call that carries a text and answers with it, through the sandbox. */
export async function echo(client: TeeClient, text: string): Promise<unknown> {
  const code = 'const main = (input) => "answer to " + input';
  return (await client.executeJavaScript({ code, input: text, functionId: 'echo', userId: 'someone' })).result;
}
