import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import {
  answerHostBlobs,
  type HostBlobs,
  type HostLink,
  hostBlobsOver,
  hostCalls,
  isHostBlobKey,
  type LinkHandler,
  maxHostBlobBytes,
} from '../../src/host-link/index.ts';
import { dialHost, listenForEnclave } from '../../src/host-link/node.ts';

function inMemory(): HostBlobs & { kept: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  return {
    kept,
    get: async (key) => kept.get(key) ?? null,
    put: async (key, bytes) => void kept.set(key, bytes),
  };
}

/** The enclave's end of a link whose host answers its calls so. */
async function enclaveWith<Result>(
  handle: LinkHandler | undefined,
  action: (blobs: HostBlobs, link: HostLink) => Promise<Result>,
  timeoutMs = 5000,
): Promise<Result> {
  const listener = await listenForEnclave('token', undefined, handle);
  const [host, enclave] = await Promise.all([listener.accept(5000), dialHost(listener.address, 'token')]);
  try {
    return await action(hostBlobsOver(Promise.resolve(enclave), timeoutMs), enclave);
  } finally {
    host.close();
    enclave.close();
    listener.close();
  }
}

const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;

describe('blobs that the host keeps for the enclave', () => {
  it('come back as they were put, and null where there is none', async () => {
    const store = inMemory();
    await enclaveWith(answerHostBlobs(store), async (blobs) => {
      expect(await blobs.get('keyring.one')).toBeNull();
      await blobs.put('keyring.one', Uint8Array.of(1, 2, 3));
      await blobs.put('empty', new Uint8Array());
      expect(await blobs.get('keyring.one')).toEqual(Uint8Array.of(1, 2, 3));
      expect(await blobs.get('empty')).toEqual(new Uint8Array());
    });
    expect([...store.kept.keys()]).toEqual(['keyring.one', 'empty']);
  });

  it('are answered from the first moment: a call may stand right behind the hello', async () => {
    const listener = await listenForEnclave('token', undefined, answerHostBlobs(inMemory()));
    const accepted = listener.accept(5000);
    const enclave = await dialHost(listener.address, 'token');
    expect(await hostBlobsOver(Promise.resolve(enclave)).get('keyring')).toBeNull();
    (await accepted).close();
    listener.close();
  });

  it('have short plain keys and bounded sizes, at both ends', async () => {
    for (const key of ['', '.', '..', '../x', 'a/b', 'A', '-a', 'x'.repeat(121), 'ä', 'a\0']) {
      expect(isHostBlobKey(key)).toBe(false);
    }
    const store = inMemory();
    await enclaveWith(answerHostBlobs(store), async (blobs, link) => {
      expect(await codeOf(() => blobs.get('../x'))).toBe('ERR_LINK_PROTOCOL');
      expect(await codeOf(() => blobs.put('x', new Uint8Array(maxHostBlobBytes + 1)))).toBe('ERR_LINK_PROTOCOL');
      // An enclave that asks all the same.
      const raw = (name: string, body: Uint8Array) => codeOf(() => link.call(name, body));
      expect(await raw(hostCalls.blobGet, new TextEncoder().encode('../x'))).toBe('ERR_LINK_PROTOCOL');
      expect(await raw(hostCalls.blobPut, encodeCanonical(['../x', Uint8Array.of(1)]))).toBe('ERR_LINK_PROTOCOL');
      expect(await raw(hostCalls.blobPut, encodeCanonical(['x', 'text']))).toBe('ERR_LINK_PROTOCOL');
      expect(await raw(hostCalls.blobPut, encodeCanonical(['x', new Uint8Array(maxHostBlobBytes + 1)]))).toBe(
        'ERR_LINK_PROTOCOL',
      );
      expect(await raw(hostCalls.blobPut, Uint8Array.of(0x81))).toBe('ERR_CBOR');
      expect(await raw('blob.steal', new Uint8Array())).toBe('ERR_UNKNOWN_METHOD');
    });
    expect(store.kept.size).toBe(0);
  });

  it('are not "none" when the host keeps none, answers nonsense, too much, or not at all', async () => {
    const get = (handle: LinkHandler | undefined, timeoutMs?: number) =>
      enclaveWith(handle, (blobs) => codeOf(() => blobs.get('keyring')), timeoutMs);
    expect(await get(undefined)).toBe('ERR_UNKNOWN_METHOD');
    expect(await get(async () => Uint8Array.of(0xff))).toBe('ERR_CBOR');
    expect(await get(async () => encodeCanonical('text'))).toBe('ERR_LINK_PROTOCOL');
    expect(await get(async () => encodeCanonical(new Uint8Array(maxHostBlobBytes + 1)))).toBe('ERR_LINK_PROTOCOL');
    expect(await get(() => Promise.reject(new Error('disk on fire')))).toBe('ERR_INTERNAL');
    expect(await get(() => new Promise(() => {}), 50)).toBe('ERR_HOST_BLOBS');
  });
});
