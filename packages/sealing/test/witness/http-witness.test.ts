import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { ed25519PublicKey } from '../../src/crypto/ed25519.ts';
import { LogBlobStore, Witness, witnessServer } from '../../src/host/index.ts';
import { HttpWitnessAnchor, Keyring, KeyringFile, SealedStore } from '../../src/index.ts';
import { cpu } from '../simulated-cpu.ts';
import { MemoryBlobStore } from '../support/memory-blob-store.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const witnessKey = ed25519PublicKey(privateKey);
const keyring = Keyring.create({ policy: { kind: 'enclave' }, now: 1 });
const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;
const chain = (byte: number) => new Uint8Array(32).fill(byte);
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listen(listener: RequestListener | Witness): Promise<string> {
  const server = listener instanceof Witness ? witnessServer(listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => server.closeAllConnections(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function witness() {
  const folder = await mkdtemp(join(tmpdir(), 'witness-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const store = await LogBlobStore.open(folder);
  closers.push(() => store.close());
  return { folder, url: await listen(new Witness({ key: privateKey, store })) };
}

describe('a witness over HTTP', () => {
  it('remembers the newest state, moves only forward, and survives a repeat', async () => {
    const { url } = await witness();
    const anchor = new HttpWitnessAnchor({ url, witnessKey, keyring });
    expect(await anchor.read('ns')).toBeNull();
    await anchor.advance('ns', null, { epoch: 1, chain: chain(1) });
    await anchor.advance('ns', { epoch: 1, chain: chain(1) }, { epoch: 2, chain: chain(2) });
    await anchor.advance('ns', { epoch: 1, chain: chain(1) }, { epoch: 2, chain: chain(2) });
    expect(await anchor.read('ns')).toEqual({ epoch: 2, chain: chain(2) });
    const refused = [
      [
        { epoch: 1, chain: chain(1) },
        { epoch: 2, chain: chain(3) },
      ],
      [null, { epoch: 1, chain: chain(1) }],
      [
        { epoch: 2, chain: chain(2) },
        { epoch: 1, chain: chain(1) },
      ],
      [
        { epoch: 2, chain: chain(2) },
        { epoch: 4, chain: chain(4) },
      ],
    ] as const;
    for (const [from, to] of refused)
      expect(await codeOf(() => anchor.advance('ns', from, to))).toBe('ERR_SEAL_ROLLBACK');
  });

  it('lets nobody else move a namespace', async () => {
    const { url } = await witness();
    const own = new HttpWitnessAnchor({ url, witnessKey, keyring });
    await own.advance('ns', null, { epoch: 1, chain: chain(1) });
    const stranger = Keyring.create({ policy: { kind: 'enclave' }, now: 1 });
    const other = new HttpWitnessAnchor({ url, witnessKey, keyring: stranger });
    const move = () => other.advance('ns', { epoch: 1, chain: chain(1) }, { epoch: 2, chain: chain(2) });
    expect(await codeOf(move)).toBe('ERR_SEAL_ROLLBACK');
    expect(await own.read('ns')).toEqual({ epoch: 1, chain: chain(1) });
  });

  it('remembers across its own restart', async () => {
    const { folder, url } = await witness();
    await new HttpWitnessAnchor({ url, witnessKey, keyring }).advance('ns', null, { epoch: 1, chain: chain(1) });
    const store = await LogBlobStore.open(folder);
    closers.push(() => store.close());
    const again = await listen(new Witness({ key: privateKey, store }));
    expect(await new HttpWitnessAnchor({ url: again, witnessKey, keyring }).read('ns')).toMatchObject({ epoch: 1 });
  });

  it('is not believed when the host answers in its place, replays an answer, or says nothing', async () => {
    const { url } = await witness();
    const anchor = new HttpWitnessAnchor({ url, witnessKey, keyring });
    await anchor.advance('ns', null, { epoch: 1, chain: chain(1) });
    let recorded = new Uint8Array();
    const recording: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      recorded = new Uint8Array(await response.clone().arrayBuffer());
      return response;
    };
    await new HttpWitnessAnchor({ url, witnessKey, keyring, fetch: recording }).read('ns');
    const impostor = new Witness({ key: generateKeyPairSync('ed25519').privateKey, store: new MemoryBlobStore() });
    const hosts = [
      await listen(impostor),
      await listen((_request, response) => void response.end(recorded)),
      await listen((_request, response) => void response.end('nonsense')),
      await listen((_request, response) => void response.destroy()),
      await listen((_request, response) => void response.writeHead(302, { location: url }).end()),
      await listen(() => {}),
    ];
    for (const host of hosts) {
      const asked = new HttpWitnessAnchor({ url: host, witnessKey, keyring, timeoutMs: 1000 });
      expect(await codeOf(() => asked.read('ns'))).toBe('ERR_SEAL_FRESHNESS_UNKNOWN');
    }
  });

  it('answers any bytes with a refusal and stays alive', async () => {
    const { url } = await witness();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (body) => {
        expect((await fetch(url, { method: 'POST', body: new Uint8Array(body) })).status).toBe(400);
      }),
      { numRuns: 20 },
    );
    expect((await fetch(url, { method: 'POST', body: new Uint8Array(5000) })).status).toBe(400);
    expect((await fetch(url)).status).toBe(400);
    expect(await new HttpWitnessAnchor({ url, witnessKey, keyring }).read('ns')).toBeNull();
  });
});

describe('a store with a witness', () => {
  it('calls a read external only when the witness confirmed that very read', async () => {
    const { url } = await witness();
    const anchor = new HttpWitnessAnchor({ url, witnessKey, keyring });
    const host = new MemoryBlobStore();
    const store = await SealedStore.open({ host, keyring, namespace: 'n', anchor });
    await store.put('a', Uint8Array.of(1));
    expect((await store.get('a'))?.freshness).toBe('process');
    expect((await store.get('a', { confirm: true }))?.freshness).toBe('external');
    // A second instance on a copy of the data moves on: this one is not the newest any more, and says so.
    const copy = new MemoryBlobStore();
    copy.blobs = host.snapshot();
    const second = await SealedStore.open({ host: copy, keyring, namespace: 'n', anchor });
    await second.put('a', Uint8Array.of(2));
    expect((await store.get('a'))?.freshness).toBe('process');
    expect(await codeOf(() => store.get('a', { confirm: true }))).toBe('ERR_SEAL_ROLLBACK');
    expect(await codeOf(() => store.put('a', Uint8Array.of(3)))).toBe('ERR_SEAL_ROLLBACK');
    expect(await codeOf(() => SealedStore.open({ host, keyring, namespace: 'n', anchor }))).toBe('ERR_SEAL_ROLLBACK');
  });

  it('does not open data with a history that the witness has never seen', async () => {
    const host = new MemoryBlobStore();
    const alone = await SealedStore.open({ host, keyring, namespace: 'n' });
    await alone.put('a', Uint8Array.of(1));
    await alone.put('a', Uint8Array.of(2));
    const { url } = await witness();
    const anchor = new HttpWitnessAnchor({ url, witnessKey, keyring });
    const open = () => SealedStore.open({ host, keyring, namespace: 'n', anchor });
    expect(await codeOf(open)).toBe('ERR_SEAL_FRESHNESS_UNKNOWN');
  });

  it('finds a keyring file that was turned back, after a restart', async () => {
    const { url } = await witness();
    const own = Keyring.create({ policy: { kind: 'enclave' }, now: 1 });
    const anchor = new HttpWitnessAnchor({ url, witnessKey, keyring: own });
    const files: Uint8Array[] = [];
    const file = () => new KeyringFile(cpu(), { anchor });
    await file().save(own, async (bytes) => void files.push(bytes));
    own.rotate({ now: 2 });
    await file().save(own, async (bytes) => void files.push(bytes));
    expect(await codeOf(() => file().open(files[0] ?? new Uint8Array()))).toBe('ERR_SEAL_ROLLBACK');
    expect(await file().open(files[1] ?? new Uint8Array())).toMatchObject({ freshness: 'external' });
  });
});
