import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInConfiguration } from '@neo-service-layer/enclave-runtime';
import { EvilBlobStore } from '@neo-service-layer/evil-host';
import { bundleFunction } from '@neo-service-layer/functions/bundle';
import { ephemeralUserKey, type TeeClient, type UserKey } from '@neo-service-layer/tee-client';
import { bytesToHex, type DeployedFunction, type FunctionDeployment } from '@neo-service-layer/tee-interface';
import { machine, signer, startEnclave } from '../in-process/enclave.ts';
import { EvilBlobs } from '../keyring/host-blobs.ts';
import { repositoryPath } from '../support/cli.ts';

/** A simulated enclave with users, and a host that keeps every byte it sees. */
export async function stage() {
  const [host, signKey, blobs, store] = [await machine(), signer(), new EvilBlobs(), new EvilBlobStore()];
  // Servers of a test are on this machine, which an enclave reaches by measured configuration only.
  const grants = { ...builtInConfiguration.grants, http: 'any' as const };
  const start = () =>
    startEnclave(host.platform, signKey, { blobs, store, configuration: { ...builtInConfiguration, grants } });
  let enclave = await start();
  const keys = new Map<string, UserKey>();
  const keyOf = async (userId: string) => {
    const key = keys.get(userId) ?? (await ephemeralUserKey(userId));
    keys.set(userId, key);
    return key;
  };
  const seen: Uint8Array[] = [];
  return {
    /** The enclave as this user, who keeps one key. */
    as: async (userId: string): Promise<TeeClient> => enclave.connect({ user: await keyOf(userId) }),
    publicKey: async (userId: string) => bytesToHex((await keyOf(userId)).publicKey),
    policy: { mrEnclave: [enclave.mrEnclave], allowSimulation: true },
    judgedNow: () => ({ now: Date.now() / 1000, trustAnchors: [host.platform.rootCertificate] }),
    /** All that a host has: what crossed its border, and what it keeps. */
    hostHas: () =>
      Buffer.concat(
        [...seen, enclave.crossed(), ...blobs.kept.values(), ...store.snapshot().values()].map(Buffer.from),
      ),
    /** What crossed its border since it started, including all that the host keeps. */
    crossed: () => enclave.crossed(),
    restart: async () => {
      seen.push(enclave.crossed());
      await enclave.stop();
      enclave = await start();
    },
    end: async () => {
      await enclave.stop();
      await host.remove();
    },
  };
}

/** What a test started. */
export type Stage = Awaited<ReturnType<typeof stage>>;

/** Bundles a function of an example and deploys it under its file's name. */
export async function deployExample(
  tee: TeeClient,
  name: string,
  changes: Partial<FunctionDeployment> = {},
  folder = repositoryPath(`examples/${name}`),
): Promise<DeployedFunction> {
  const { deployment } = await bundleFunction(join(folder, `${name}.ts`));
  return tee.deployFunction({ ...deployment, functionId: name, ...changes });
}

/** An owner's attempt on what its own function keeps: another one of that name that prints everything. */
export async function readsBack(owner: TeeClient, functionId: string, storage: true | 'pinned') {
  const code =
    'export default async () => Promise.all((await storage.list()).map(async (key) => [key, await storage.get(key)]));';
  await owner.deployFunction({ functionId, kind: 'module', code, storage });
  return (await owner.invokeFunction({ functionId })).result;
}

/** A copy of an example in which one file is another: where it goes to, say. */
export async function copyOfExample(name: string, file: string, text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'example-'));
  await cp(repositoryPath(`examples/${name}`), folder, { recursive: true });
  await writeFile(join(folder, file), text);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A server of this machine. */
export async function listening(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { origin: `http://localhost:${(server.address() as AddressInfo).port}`, close };
}
