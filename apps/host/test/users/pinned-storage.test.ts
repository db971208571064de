import { EvilBlobStore } from '@neo-service-layer/evil-host';
import { parseReceipt } from '@neo-service-layer/receipt';
import { ephemeralUserKey, type UserKey } from '@neo-service-layer/tee-client';
import { bytesToHex, type FunctionDeployment } from '@neo-service-layer/tee-interface';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machine, signer, startEnclave } from '../in-process/enclave.ts';
import { EvilBlobs } from '../keyring/host-blobs.ts';

let host: Awaited<ReturnType<typeof machine>>;
let enclave: Awaited<ReturnType<typeof startEnclave>>;
let alice: UserKey;

const signKey = signer();
const blobs = new EvilBlobs();
const store = new EvilBlobStore();

beforeAll(async () => {
  host = await machine();
  alice = await ephemeralUserKey('alice');
  enclave = await startEnclave(host.platform, signKey, { blobs, store });
});
afterAll(async () => {
  await enclave.stop();
  await host.remove();
});

const counter: FunctionDeployment = {
  functionId: 'counter',
  kind: 'module',
  code: `export default async (input) => {
    const n = (await storage.get("n") ?? 0) + 1;
    await storage.put("n", n);
    return n;
  };`,
  storage: 'pinned',
};
const reader = 'export default async (key) => [await storage.list(), await storage.get(key) ?? null];';

describe('what is pinned to a function', () => {
  it('goes on from call to call, and nobody reads it through another function, its owner included', async () => {
    const owner = await enclave.connect({ user: alice });
    const { functionHash, storage } = await owner.deployFunction(counter);
    expect(storage).toBe('pinned');
    const invocation = { functionId: 'counter' };
    expect((await owner.invokeFunction(invocation)).result).toBe(1);
    expect((await owner.invokeFunction(invocation)).result).toBe(2);

    for (const kept of ['pinned', true] as const) {
      await owner.deployFunction({ ...counter, code: reader, storage: kept });
      for (const key of ['n', `pinned/7:counter/${functionHash}/n`, `../${functionHash}/n`])
        expect((await owner.invokeFunction({ ...invocation, input: key })).result).toEqual([[], null]);
    }
    await owner.deployFunction({ ...counter, functionId: 'counter2' });
    expect((await owner.invokeFunction({ functionId: 'counter2' })).result).toBe(1);
    // The very same function finds it again.
    await owner.deployFunction(counter);
    expect((await owner.invokeFunction(invocation)).result).toBe(3);
  });

  it('is told by its hash from a function of the same source that is not pinned', async () => {
    const owner = await enclave.connect({ user: alice });
    const hashes = new Set<string>();
    for (const kept of [false, true, 'pinned'] as const) {
      const deployed = await owner.deployFunction({ ...counter, functionId: 'told', storage: kept });
      hashes.add(deployed.functionHash);
      if (kept === false) continue;
      const { receipt } = await owner.invokeFunction({ functionId: 'told', receipt: true });
      const document = parseReceipt(receipt?.document ?? new Uint8Array());
      expect(bytesToHex(document.receipt.functionHash)).toBe(deployed.functionHash);
    }
    expect(hashes.size).toBe(3);
  });

  it('is changed by one call after another, so that none writes over what another has read', async () => {
    const owner = await enclave.connect({ user: alice });
    await owner.deployFunction({ ...counter, functionId: 'many' });
    const calls = Array.from({ length: 6 }, () => owner.invokeFunction({ functionId: 'many' }));
    const results = (await Promise.all(calls)).map(({ result }) => result);
    expect(results.toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('goes with the function when it is removed, and is there after a restart', async () => {
    const owner = await enclave.connect({ user: alice });
    await owner.deployFunction({ ...counter, functionId: 'gone' });
    await owner.deployFunction({ ...counter, functionId: 'stays' });
    for (const functionId of ['gone', 'stays']) expect((await owner.invokeFunction({ functionId })).result).toBe(1);
    await owner.removeFunction({ functionId: 'gone' });
    await enclave.stop();
    enclave = await startEnclave(host.platform, signKey, { blobs, store });
    const again = await enclave.connect({ user: alice });
    await again.deployFunction({ ...counter, functionId: 'gone' });
    expect((await again.invokeFunction({ functionId: 'gone' })).result).toBe(1);
    expect((await again.invokeFunction({ functionId: 'stays' })).result).toBe(2);
  });
});
