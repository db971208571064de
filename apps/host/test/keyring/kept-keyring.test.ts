/** The keyring of an enclave whose host keeps its file: what survives, and what a host can do to it. */
import type { KeyObject } from 'node:crypto';
import { Keyring, KeyringFile } from '@neo-service-layer/sealing';
import type { SimulatedPlatform } from '@neo-service-layer/sgx-simulator';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machine, signer, startEnclave } from '../in-process/enclave.ts';
import { launch } from '../sealing/simulated-enclave.ts';
import { EvilBlobs } from './host-blobs.ts';

type Started = Awaited<ReturnType<typeof startEnclave>>;
type Client = Awaited<ReturnType<Started['connect']>>;

const data = new TextEncoder().encode('the state of the oracle');
const file = 'keyring.enclave.';
let host: Awaited<ReturnType<typeof machine>>;
let signKey: KeyObject;

beforeAll(async () => {
  host = await machine();
  signKey = signer();
});
afterAll(() => host.remove());

/** One boot: starts the enclave, has something done, stops it. */
async function boot<Result>(
  options: NonNullable<Parameters<typeof startEnclave>[2]>,
  action: (client: Client, enclave: Started) => Promise<Result>,
  platform: SimulatedPlatform = host.platform,
): Promise<Result> {
  const enclave = await startEnclave(platform, signKey, options);
  try {
    return await action(await enclave.connect(), enclave);
  } finally {
    await enclave.stop();
  }
}

const keyringOf = async (client: Client) => (await client.getInfo()).keyring;
const codeOf = async (action: () => unknown) => (await thrownBy(action)).code;

describe('a keyring that the host keeps', () => {
  it('is made at the first start, opened at the next, and opens what it sealed before', async () => {
    const blobs = new EvilBlobs();
    const [sealed, first] = await boot({ blobs }, async (client) => [
      await client.sealData({ data, name: 'state' }),
      await keyringOf(client),
    ]);
    expect(first).toMatchObject({ origin: 'created', kept: true, generation: 1, freshness: 'none', refusal: null });
    expect(first.policy).toEqual({ kind: 'enclave', approvers: [], threshold: 0 });
    await boot({ blobs }, async (client) => {
      expect(await keyringOf(client)).toMatchObject({ origin: 'opened', id: first.id, rewrapped: false });
      expect(await client.unsealData({ sealed, name: 'state' })).toEqual(data);
      expect(await codeOf(() => client.unsealData({ sealed, name: 'other' }))).toBe('ERR_SEAL_NAME_MISMATCH');
    });
  });

  it('lives for one start where the host keeps nothing, and says so', async () => {
    const [sealed, first] = await boot({}, async (client) => [
      await client.sealData({ data }),
      await keyringOf(client),
    ]);
    expect(first).toMatchObject({ origin: 'created', kept: false });
    await boot({}, async (client) => {
      expect((await keyringOf(client)).id).not.toBe(first.id);
      expect(await codeOf(() => client.unsealData({ sealed }))).toBe('ERR_SEAL_KEY_MISMATCH');
    });
  });

  it('shows by its id that the host withheld the file', async () => {
    const first = await boot({ blobs: new EvilBlobs() }, keyringOf);
    const second = await boot({ blobs: new EvilBlobs() }, keyringOf);
    expect(second.origin).toBe('created');
    expect(second.id).not.toBe(first.id);
  });

  it('never lies on the host in clear', async () => {
    const blobs = new EvilBlobs();
    const crossed = await boot({ blobs }, async (client, enclave) => {
      await client.sealData({ data });
      return enclave.crossed();
    });
    expect(crossed.includes('tee-seal/1 keyring')).toBe(true);
    // The label of the plaintext stands before the keys; in the header it is followed by no id.
    const plaintextHead = Buffer.from('87727465652d7365616c2f31206b657972696e6750', 'hex');
    expect(crossed.includes(plaintextHead)).toBe(false);
    expect(
      Keyring.create({ policy: { kind: 'enclave' }, now: 0 })
        .encode()
        .subarray(0, 21),
    ).toEqual(new Uint8Array(plaintextHead));
  });
});

describe('a keyring whose file cannot be opened', () => {
  const refused = async (blobs: EvilBlobs, code: string) => {
    const before = new Map(blobs.kept);
    await boot({ blobs }, async (client) => {
      expect(await keyringOf(client)).toMatchObject({ origin: 'none', id: null, kept: false, refusal: { code } });
      expect(await codeOf(() => client.sealData({ data }))).toBe(code);
      // Keys of the CPU are not concerned.
      const sealed = await client.sealData({ data, policy: 'enclave' });
      expect(await client.unsealData({ sealed })).toEqual(data);
    });
    expect(blobs.kept).toEqual(before);
  };

  it('is not used and not overwritten, whatever the host changed', async () => {
    for (const [at, code] of [
      [-1, 'ERR_SEAL_TAMPERED'],
      [0, 'ERR_SEAL_TAMPERED'],
      [32, 'ERR_SEAL_FORMAT'],
    ] as const) {
      const blobs = new EvilBlobs();
      await boot({ blobs }, keyringOf);
      const [key, bytes] = blobs.file(file);
      const changed = bytes.slice();
      const index = at < 0 ? changed.length + at : at;
      changed[index] = (changed[index] ?? 0) ^ 1;
      blobs.kept.set(key, changed);
      await refused(blobs, code);
      blobs.kept.set(key, bytes.subarray(0, bytes.length - 1));
      await refused(blobs, 'ERR_SEAL_TRUNCATED');
    }
  });

  it('is refused when it is that of another enclave, of another machine, or planted by another of the same signer', async () => {
    const blobs = new EvilBlobs();
    await boot({ blobs }, keyringOf);
    const [key] = blobs.file(file);

    const others = new EvilBlobs();
    await boot({ blobs: others, mrEnclave: new Uint8Array(32).fill(7) }, keyringOf);
    blobs.kept.set(key, others.file(file)[1]);
    await refused(blobs, 'ERR_SEAL_KEY_MISMATCH');

    const elsewhere = await machine();
    const there = new EvilBlobs();
    await boot({ blobs: there }, keyringOf, elsewhere.platform);
    blobs.kept.set(key, there.file(file)[1]);
    await refused(blobs, 'ERR_SEAL_KEY_MISMATCH');
    await elsewhere.remove();

    const planter = await launch(host.platform, signKey, { mrEnclave: 0x66 });
    const planted = Keyring.create({ policy: { kind: 'signer' }, now: 0 });
    await new KeyringFile(planter.keys).save(
      planted,
      async (bytes) => void blobs.kept.set(key, Uint8Array.from(bytes)),
    );
    await refused(blobs, 'ERR_SEAL_KEYRING_POLICY');
  });

  it('gives way to a new one when the host asks for it, and its file is kept', async () => {
    const blobs = new EvilBlobs();
    await boot({ blobs }, keyringOf);
    const [key, bytes] = blobs.file(file);
    const damaged = bytes.slice(0, 100);
    blobs.kept.set(key, damaged);
    await boot({ blobs }, async (client, { keyring }) => {
      const renewed = await keyring.renew();
      expect(renewed).toMatchObject({ origin: 'created', kept: true, refusal: null });
      expect(await keyringOf(client)).toEqual(renewed);
      await client.sealData({ data });
      expect(await codeOf(() => keyring.renew())).toBe('ERR_SEAL_CONFLICT');
    });
    expect(blobs.file('keyring.unopened.')[1]).toEqual(damaged);
  });

  it('is none at all, rather than one that gets lost, when the host does not take its file', async () => {
    const blobs = new EvilBlobs();
    blobs.refusesToWrite = true;
    await boot({ blobs }, async (client, { keyring }) => {
      expect(await keyringOf(client)).toMatchObject({ origin: 'none', refusal: { code: 'ERR_INTERNAL' } });
      blobs.refusesToWrite = false;
      expect(await keyring.renew()).toMatchObject({ origin: 'created', kept: true });
    });
  });
});

describe('a rotated keyring', () => {
  it('seals under a new generation, opens the old ones, and is kept before it seals', async () => {
    const blobs = new EvilBlobs();
    const [first, older] = await boot({ blobs }, async (client) => [
      await client.sealData({ data }),
      blobs.file(file)[1],
    ]);
    const second = await boot({ blobs }, async (client, { keyring }) => {
      expect(await keyring.rotate()).toMatchObject({ generation: 2 });
      expect(await client.unsealData({ sealed: first })).toEqual(data);
      return client.sealData({ data });
    });
    await boot({ blobs }, async (client) => {
      expect((await keyringOf(client)).generations.map(({ state }) => state)).toEqual(['decrypt-only', 'active']);
      for (const sealed of [first, second]) expect(await client.unsealData({ sealed })).toEqual(data);
    });
    // The host gives the file of before: the same keyring, without the generation that sealed since.
    blobs.kept.set(blobs.file(file)[0], older);
    await boot({ blobs }, async (client) => {
      expect(await keyringOf(client)).toMatchObject({ origin: 'opened', generation: 1, freshness: 'none' });
      expect(await codeOf(() => client.unsealData({ sealed: second }))).toBe('ERR_SEAL_KEY_MISMATCH');
    });
  });

  it('stays as it was when the host does not take the new one', async () => {
    const blobs = new EvilBlobs();
    await boot({ blobs }, async (client, { keyring }) => {
      blobs.refusesToWrite = true;
      expect(await codeOf(() => keyring.rotate())).toBe('ERR_INTERNAL');
      expect(await keyringOf(client)).toMatchObject({ generation: 1 });
      await client.sealData({ data });
    });
  });
});

describe('a keyring through a microcode update', () => {
  it('opens after it and is wrapped again; the new file does not open before it', async () => {
    const own = await machine();
    const blobs = new EvilBlobs();
    const { cpuSvn } = own.platform;
    const sealed = await boot({ blobs }, (client) => client.sealData({ data }), own.platform);
    const id = (await boot({ blobs }, keyringOf, own.platform)).id;

    const newer = cpuSvn.slice();
    newer[0] = (newer[0] ?? 0) + 1;
    const raised = await own.platform.change({ cpuSvn: newer });
    await boot(
      { blobs },
      async (client) => {
        expect(await keyringOf(client)).toMatchObject({ origin: 'opened', id, rewrapped: true, resealNeeded: false });
        expect(await client.unsealData({ sealed })).toEqual(data);
      },
      raised,
    );
    expect(await boot({ blobs }, keyringOf, raised)).toMatchObject({ id, rewrapped: false, resealNeeded: false });
    const lowered = await raised.change({ cpuSvn });
    expect(await boot({ blobs }, keyringOf, lowered)).toMatchObject({
      origin: 'none',
      refusal: { code: 'ERR_SEAL_SVN_TOO_NEW' },
    });
    await own.remove();
  });

  it('works on where the host does not take the new file, and says that it is needed', async () => {
    const own = await machine();
    const blobs = new EvilBlobs();
    const sealed = await boot({ blobs }, (client) => client.sealData({ data }), own.platform);
    const newer = own.platform.cpuSvn.slice();
    newer[0] = (newer[0] ?? 0) + 1;
    const raised = await own.platform.change({ cpuSvn: newer });
    blobs.refusesToWrite = true;
    await boot(
      { blobs },
      async (client) => {
        expect(await keyringOf(client)).toMatchObject({ origin: 'opened', rewrapped: false, resealNeeded: true });
        expect(await client.unsealData({ sealed })).toEqual(data);
      },
      raised,
    );
    await own.remove();
  });
});
