import { type FreshnessAnchor, Keyring, ProcessAnchor, SealedStore } from '@neo-service-layer/sealing';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { EvilBlobStore } from '../src/index.ts';

const keyring = Keyring.create({ policy: { kind: 'enclave' }, now: 1_800_000_000 });
const bytes = (text: string) => new TextEncoder().encode(text);
const open = (host: EvilBlobStore, anchor?: FreshnessAnchor) =>
  SealedStore.open({ host, keyring, namespace: 'accounts', ...(anchor === undefined ? {} : { anchor }) });
const balance = async (store: SealedStore) => Buffer.from((await store.get('balance'))?.value ?? []).toString();
const put = (store: SealedStore, value: string) => store.write([{ name: 'balance', value: bytes(value) }]);

describe('a host that rolls blobs back', () => {
  it('is found out by an anchor that lives on, and not without one', async () => {
    for (const anchor of [new ProcessAnchor(), undefined]) {
      const host = new EvilBlobStore();
      const store = await open(host, anchor);
      await put(store, '100');
      const rich = host.snapshot();
      await put(store, '0');
      host.rollBack(rich);
      const reopened = open(host, anchor).then(balance);
      if (anchor === undefined) expect(await reopened).toBe('100');
      else expect((await thrownBy(() => reopened)).code).toMatch(/^ERR_/);
    }
  });
});

describe('a host that forks blobs for a second instance', () => {
  it('is found out where both ask one anchor, and not where each has its own', async () => {
    for (const isShared of [true, false]) {
      const host = new EvilBlobStore();
      const anchor = new ProcessAnchor();
      const first = await open(host, anchor);
      await put(first, '100');
      const twin = host.fork();
      await put(first, '50');
      const second = open(twin, isShared ? anchor : undefined).then(balance);
      if (isShared) expect((await thrownBy(() => second)).code).toMatch(/^ERR_/);
      else expect(await second).toBe('100');
    }
  });
});

describe('a host that changes blobs', () => {
  const outcome = (host: EvilBlobStore) =>
    open(host)
      .then(balance)
      .catch((error: { code?: string }) => error.code ?? 'no code');

  it('makes no reader take another value for the right one, whichever blob it is', async () => {
    const host = new EvilBlobStore();
    await put(await open(host), '100');
    const good = host.snapshot();
    const outcomes: string[] = [];
    for (const key of host.keys) {
      host.tamper(key, (blob) => blob.map((byte, index) => (index === blob.length >> 1 ? byte ^ 1 : byte)));
      outcomes.push(await outcome(host));
      host.rollBack(good);
      for (const other of host.keys.filter((one) => one !== key)) {
        host.swap(key, other);
        outcomes.push(await outcome(host));
        host.rollBack(good);
      }
    }
    // Blobs that this reader has no need of may be anything.
    expect(new Set(outcomes.filter((one) => !one.startsWith('ERR_')))).toEqual(new Set(['100']));
    expect(outcomes.filter((one) => one.startsWith('ERR_')).length).toBeGreaterThan(2);
  });

  it('shows neither names nor values while it is honest', async () => {
    const host = new EvilBlobStore();
    await put(await open(host), 'VALUE-CANARY');
    const all = Buffer.concat([...host.snapshot()].flatMap(([key, blob]) => [Buffer.from(key), Buffer.from(blob)]));
    for (const word of ['VALUE-CANARY', 'balance', 'accounts']) expect(all.includes(word)).toBe(false);
  });

  it('says yes to writes and loses them: the next reader with the anchor finds out', async () => {
    const host = new EvilBlobStore();
    const anchor = new ProcessAnchor();
    const store = await open(host, anchor);
    await put(store, '100');
    host.loseWrites();
    await put(store, '0').catch(() => {});
    expect((await thrownBy(async () => balance(await open(host, anchor)))).code).toMatch(/^ERR_/);
  });

  it('has no blobs to swap or change that are not there', async () => {
    const host = new EvilBlobStore();
    expect(await thrownBy(() => host.swap('a', 'b'))).toBeInstanceOf(RangeError);
    expect(await thrownBy(() => host.tamper('a', (blob) => blob))).toBeInstanceOf(RangeError);
  });
});
