/** A keyring goes from one running enclave to another through hosts that may do anything with the documents. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { KeyringConfiguration } from '@neo-service-layer/enclave-runtime';
import { encodeSignedApproval, type GrantApproval, signApproval } from '@neo-service-layer/sealing';
import { bytesToHex } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { machine, signer, startEnclave } from '../in-process/enclave.ts';
import { EvilBlobs } from './host-blobs.ts';

type Enclave = Awaited<ReturnType<typeof startEnclave>>;

const data = new TextEncoder().encode('the state of the oracle');
const approvers = [0, 1, 2].map(() => generateKeyPairSync('ed25519').privateKey);
const hexOf = (key: KeyObject) =>
  (key.export({ format: 'jwk' }).x ?? '').replace(/^.*$/, (x) => Buffer.from(x, 'base64url').toString('hex'));
const now = Math.floor(Date.now() / 1000);
const [oldImage, newImage] = [new Uint8Array(32).fill(0x11), new Uint8Array(32).fill(0x22)];

let here: Awaited<ReturnType<typeof machine>>;
let there: Awaited<ReturnType<typeof machine>>;
let signKey: KeyObject;
let oldEnclave: Enclave;
let newEnclave: Enclave;
let newBlobs: EvilBlobs;
let keyringId: Uint8Array;

beforeAll(async () => {
  [here, there] = [await machine(), await machine()];
  signKey = signer();
  const blobs = new EvilBlobs();
  oldEnclave = await startEnclave(here.platform, signKey, { mrEnclave: oldImage, blobs, keyring: configuration() });
  keyringId = new Uint8Array(Buffer.from((await oldEnclave.keyring.status()).id ?? '', 'hex'));
});
beforeEach(async () => {
  newBlobs = new EvilBlobs();
  await newEnclave?.stop();
  newEnclave = await startNew();
});
afterAll(async () => {
  await oldEnclave.stop();
  await newEnclave.stop();
  await here.remove();
  await there.remove();
});

/** What both images have measured in. */
function configuration(changes: Partial<KeyringConfiguration> = {}): KeyringConfiguration {
  return {
    policy: { kind: 'grant', approvers: approvers.map(hexOf), threshold: 2 },
    peers: {
      allowSimulation: true,
      simulationRoots: [here, there].map(({ platform }) => bytesToHex(platform.rootCertificate)),
    },
    ...changes,
  };
}

const startNew = (keyring = configuration(), mrEnclave = newImage, time?: () => number) =>
  startEnclave(there.platform, signKey, {
    mrEnclave,
    isvSvn: 3,
    blobs: newBlobs,
    keyring,
    ...(time === undefined ? {} : { now: time }),
  });

function approve(changes: Partial<GrantApproval> = {}, signers = approvers.slice(0, 2)): Uint8Array {
  const approval: GrantApproval = {
    keyringId,
    fromMrEnclave: bytesToHex(oldImage),
    toMrEnclave: bytesToHex(newImage),
    minIsvSvn: 3,
    notAfter: now + 3600,
    ...changes,
  };
  return encodeSignedApproval(signers.reduce(signApproval, { approval, signatures: [] }));
}

const refused = async (action: () => unknown) => expect((await thrownBy(action)).code).toBe('ERR_SEAL_GRANT_REFUSED');

/** Does what needs another enclave for a moment. */
async function beside<Result>(other: Promise<Enclave>, action: (enclave: Enclave) => Promise<Result>): Promise<Result> {
  const enclave = await other;
  try {
    return await action(enclave);
  } finally {
    await enclave.stop();
  }
}

describe('a keyring that is handed over', () => {
  it('opens in the new enclave what the old one sealed; what the new one sealed before still opens; both after a restart', async () => {
    const sealed = await (await oldEnclave.connect()).sealData({ data, name: 'state' });
    const client = await newEnclave.connect();
    expect((await thrownBy(() => client.unsealData({ sealed, name: 'state' }))).code).toBe('ERR_SEAL_KEY_MISMATCH');
    const ownId = (await client.getInfo()).keyring.id;
    const own = await client.sealData({ data: data.subarray(0, 3) });

    const grant = await oldEnclave.keyring.grant(approve(), await newEnclave.keyring.request());
    const taken = await newEnclave.keyring.accept(grant);
    expect(taken).toMatchObject({ origin: 'granted', kept: true, id: bytesToHex(keyringId) });
    expect((await client.getInfo()).keyring).toEqual(taken);
    expect(taken.id).not.toBe(ownId);

    for (const restarted of [false, true]) {
      if (restarted) {
        await newEnclave.stop();
        newEnclave = await startNew();
      }
      const again = await newEnclave.connect();
      expect(await again.unsealData({ sealed, name: 'state' })).toEqual(data);
      expect(await again.unsealData({ sealed: own })).toEqual(data.subarray(0, 3));
    }
  });

  it('is not given for too few signatures, too late, for other enclaves, or to an older version', async () => {
    const request = await newEnclave.keyring.request();
    for (const approval of [
      approve({}, approvers.slice(0, 1)),
      approve(
        {},
        [approvers[0], approvers[0]].flatMap((key) => (key ? [key] : [])),
      ),
      approve({ notAfter: now - 1 }),
      approve({ toMrEnclave: '00'.repeat(32) }),
      approve({ fromMrEnclave: '00'.repeat(32) }),
      approve({ keyringId: new Uint8Array(16) }),
      approve({ minIsvSvn: 4 }),
    ]) {
      await refused(() => oldEnclave.keyring.grant(approval, request));
    }
    await oldEnclave.keyring.grant(approve(), request);
  });

  it('is not given to another enclave with that approval, nor for evidence of another purpose', async () => {
    await beside(startNew(configuration(), new Uint8Array(32).fill(0x33)), async (stranger) =>
      refused(async () => oldEnclave.keyring.grant(approve(), await stranger.keyring.request())),
    );
    const { evidence } = await oldEnclave.keyring.grant(approve(), await newEnclave.keyring.request());
    await refused(() => oldEnclave.keyring.grant(approve(), evidence));
    expect((await thrownBy(() => oldEnclave.keyring.grant(Uint8Array.of(1), evidence))).code).toBe('ERR_SEAL_FORMAT');
  });

  it('is not given by an image that was not built for it, nor to a simulated platform where that is not allowed', async () => {
    const request = await newEnclave.keyring.request();
    const closed = startEnclave(here.platform, signKey, { mrEnclave: oldImage, blobs: new EvilBlobs() });
    await beside(closed, async (old) => {
      const id = new Uint8Array(Buffer.from((await old.keyring.status()).id ?? '', 'hex'));
      await refused(() => old.keyring.grant(approve({ keyringId: id }), request));
    });
    const strict = startEnclave(here.platform, signKey, {
      mrEnclave: oldImage,
      blobs: new EvilBlobs(),
      keyring: { policy: configuration().policy },
    });
    await beside(strict, async (old) => {
      const id = new Uint8Array(Buffer.from((await old.keyring.status()).id ?? '', 'hex'));
      await refused(() => old.keyring.grant(approve({ keyringId: id }), request));
    });
  });
});

describe('a machine that lacks updates', () => {
  it('gets a keyring only from an image that was built to accept that', async () => {
    const old = await machine();
    const platform = await old.platform.change({ tcbStatus: 'OutOfDate' });
    const simulationRoots = [here.platform, platform].map(({ rootCertificate }) => bytesToHex(rootCertificate));
    const hand = async (acceptedStatuses?: ('UpToDate' | 'OutOfDate')[]) => {
      const keyring = configuration({
        peers: {
          allowSimulation: true,
          simulationRoots,
          ...(acceptedStatuses === undefined ? {} : { acceptedStatuses }),
        },
      });
      const given = startEnclave(here.platform, signKey, { mrEnclave: oldImage, blobs: new EvilBlobs(), keyring });
      await beside(given, async (giver) => {
        const id = new Uint8Array(Buffer.from((await giver.keyring.status()).id ?? '', 'hex'));
        const taken = startEnclave(platform, signKey, {
          mrEnclave: newImage,
          isvSvn: 3,
          blobs: new EvilBlobs(),
          keyring,
        });
        await beside(taken, async (taker) =>
          taker.keyring.accept(await giver.keyring.grant(approve({ keyringId: id }), await taker.keyring.request())),
        );
      });
    };
    await refused(() => hand());
    await refused(() => hand(['UpToDate']));
    await hand(['UpToDate', 'OutOfDate']);
    await old.remove();
  });
});

describe('an enclave that is offered a keyring', () => {
  it('refuses documents that the host swapped, replayed, or has from a request before', async () => {
    const first = await oldEnclave.keyring.grant(approve(), await newEnclave.keyring.request());
    const second = await oldEnclave.keyring.grant(approve(), await newEnclave.keyring.request());
    // For the request before: asking again makes it void.
    await refused(() => newEnclave.keyring.accept(first));
    await refused(() => newEnclave.keyring.accept({ document: first.document, evidence: second.evidence }));
    await refused(() => newEnclave.keyring.accept({ document: second.document, evidence: first.evidence }));
    const cut = { ...second, document: second.document.subarray(1) };
    expect((await thrownBy(() => newEnclave.keyring.accept(cut))).code).toBe('ERR_SEAL_FORMAT');
    expect((await newEnclave.keyring.status()).origin).toBe('created');
    await newEnclave.keyring.accept(second);
    // A request is good for one keyring.
    await refused(() => newEnclave.keyring.accept(second));
    await newEnclave.stop();
    newEnclave = await startNew();
    await refused(() => newEnclave.keyring.accept(second));
    await newEnclave.keyring.request();
    await refused(() => newEnclave.keyring.accept(second));
  });

  it('refuses one that is vouched for by another enclave, however genuine', async () => {
    const grant = await oldEnclave.keyring.grant(approve(), await newEnclave.keyring.request());
    const stranger = startEnclave(here.platform, signKey, {
      mrEnclave: new Uint8Array(32).fill(0x44),
      blobs: new EvilBlobs(),
      keyring: configuration(),
    });
    await beside(stranger, async (other) => {
      // A genuine grant of an enclave that the approval does not name.
      const id = new Uint8Array(Buffer.from((await other.keyring.status()).id ?? '', 'hex'));
      const approval = approve({ keyringId: id, fromMrEnclave: other.mrEnclave });
      const planted = await other.keyring.grant(approval, await newEnclave.keyring.request());
      await refused(() => newEnclave.keyring.accept({ document: grant.document, evidence: planted.evidence }));
      await refused(() => newEnclave.keyring.accept({ document: planted.document, evidence: grant.evidence }));
    });
  });

  it('refuses one by approvers that its own image does not name, or when the approval has run out meanwhile', async () => {
    const others = [0, 1].map(() => generateKeyPairSync('ed25519').privateKey);
    const policy = { kind: 'grant' as const, approvers: others.map(hexOf), threshold: 1 };
    await beside(startNew(configuration({ policy })), async (picky) => {
      const grant = await oldEnclave.keyring.grant(approve(), await picky.keyring.request());
      await refused(() => picky.keyring.accept(grant));
      // What both images' approvers signed, both accept.
      const all = approve({}, [...approvers.slice(0, 2), ...others.slice(0, 1)]);
      await picky.keyring.accept(await oldEnclave.keyring.grant(all, await picky.keyring.request()));
    });
    newBlobs = new EvilBlobs();
    let time = now;
    await beside(
      startNew(configuration(), newImage, () => time),
      async (late) => {
        const grant = await oldEnclave.keyring.grant(approve({ notAfter: now + 60 }), await late.keyring.request());
        time = now + 61;
        await refused(() => late.keyring.accept(grant));
      },
    );
  });

  it('takes none when its image was not built for it', async () => {
    await beside(startNew({ policy: { kind: 'enclave' } }), (closed) => refused(() => closed.keyring.request()));
  });

  it('keeps what it has when it is given the same keyring once more', async () => {
    await newEnclave.keyring.accept(await oldEnclave.keyring.grant(approve(), await newEnclave.keyring.request()));
    await newEnclave.keyring.rotate();
    const again = await oldEnclave.keyring.grant(approve(), await newEnclave.keyring.request());
    expect((await thrownBy(() => newEnclave.keyring.accept(again))).code).toBe('ERR_SEAL_CONFLICT');
    expect(await newEnclave.keyring.status()).toMatchObject({ generation: 2 });
  });
});
