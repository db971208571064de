/** A keyring comes back from a backup, with shares that holders seal on their own machines to an enclave they verified. */
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { checkEvidence } from '@neo-service-layer/attestation/evidence';
import { type KeyringConfiguration, recoveryLabel } from '@neo-service-layer/enclave-runtime';
import { Keyring, makeRecovery, sealRecoveryShare } from '@neo-service-layer/sealing';
import { decodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { machine, signer, startEnclave } from '../in-process/enclave.ts';
import { EvilBlobs } from './host-blobs.ts';

type Enclave = Awaited<ReturnType<typeof startEnclave>>;

const raw = (key: KeyObject, part: 'd' | 'x') =>
  new Uint8Array(Buffer.from(key.export({ format: 'jwk' })[part] ?? '', 'base64url'));
const holders = [0, 1, 2].map(() => {
  const { privateKey } = generateKeyPairSync('x25519');
  return { privateKey: raw(privateKey, 'd'), publicKey: raw(privateKey, 'x') };
});
const configuration: KeyringConfiguration = {
  policy: { kind: 'enclave' },
  recovery: { holders: holders.map(({ publicKey }) => Buffer.from(publicKey).toString('hex')), threshold: 2 },
};
const data = new TextEncoder().encode('the state of the oracle');
const now = Date.now() / 1000;

let dead: Awaited<ReturnType<typeof machine>>;
let spare: Awaited<ReturnType<typeof machine>>;
let signKey: KeyObject;
let sealed: Uint8Array;
let backup: { document: Uint8Array; evidence: Uint8Array };
let enclave: Enclave;

beforeAll(async () => {
  [dead, spare] = [await machine(), await machine()];
  signKey = signer();
  const before = await startEnclave(dead.platform, signKey, { blobs: new EvilBlobs(), keyring: configuration });
  sealed = await (await before.connect()).sealData({ data });
  backup = await before.keyring.backUp();
  await before.stop();
});
beforeEach(async () => {
  await enclave?.stop();
  enclave = await startEnclave(spare.platform, signKey, { blobs: new EvilBlobs(), keyring: configuration });
});
afterAll(async () => {
  await enclave.stop();
  await dead.remove();
  await spare.remove();
});

const trust = (mrEnclave = enclave.mrEnclave) => ({
  policy: { mrEnclave: [mrEnclave], allowSimulation: true },
  now,
  trustAnchors: [spare.platform.rootCertificate],
});
const share = (index: number, evidence: Uint8Array, document = backup.document) =>
  sealRecoveryShare(document, holders[index]?.privateKey ?? new Uint8Array(), { evidence, ...trust() });
const refused = async (action: () => unknown) => expect((await thrownBy(action)).code).toBe('ERR_SEAL_GRANT_REFUSED');

describe('a backup of a keyring', () => {
  it('is vouched for by the enclave that made it', async () => {
    const { claims } = await checkEvidence(
      backup.evidence,
      { mrEnclave: [enclave.mrEnclave], allowSimulation: true },
      { label: recoveryLabel, now, trustAnchors: [dead.platform.rootCertificate] },
    );
    const digest = new Uint8Array(createHash('sha256').update(backup.document).digest());
    expect(claims && decodeCanonical(claims)).toEqual([recoveryLabel, digest]);
  });

  it('opens in an enclave on another machine with shares of two of three holders, and then so does the data', async () => {
    const request = await enclave.keyring.requestRecovery();
    const shares = [await share(2, request), await share(0, request)];
    const recovered = await enclave.keyring.recover(backup.document, shares);
    expect(recovered).toMatchObject({ origin: 'recovered', kept: true });
    expect(await (await enclave.connect()).unsealData({ sealed })).toEqual(data);
    // Neither a share nor the keyring crossed the host in clear: the request is void, and nobody else can open them.
    await refused(() => enclave.keyring.recover(backup.document, shares));
  });

  it('stays closed with too few holders, with one that gives two shares, and with shares of another request', async () => {
    const before = await enclave.keyring.requestRecovery();
    const stale = await share(0, before);
    const request = await enclave.keyring.requestRecovery();
    const [one, two] = [await share(0, request), await share(1, request)];
    await refused(() => enclave.keyring.recover(backup.document, [one]));
    await refused(async () => enclave.keyring.recover(backup.document, [one, await share(0, request)]));
    await refused(() => enclave.keyring.recover(backup.document, [stale, two]));
    expect((await thrownBy(() => enclave.keyring.recover(backup.document, [one, two.subarray(1)]))).code).toBe(
      'ERR_SEAL_FORMAT',
    );
    expect((await enclave.keyring.status()).origin).toBe('created');
    await enclave.keyring.recover(backup.document, [one, two]);
  });

  it('is not replaced by one of the host, who would know the keys in it', async () => {
    const planted = Keyring.create({ policy: { kind: 'enclave' }, now: 0 });
    const rule = { holders: holders.map(({ publicKey }) => publicKey), threshold: 1 };
    const document = await makeRecovery(planted, rule);
    const request = await enclave.keyring.requestRecovery();
    // Shares speak for the document that their holders looked at.
    const shares = [await share(0, request), await share(1, request)];
    await refused(() => enclave.keyring.recover(document, shares));
    // Own keys are not those of the image's holders.
    const own = generateKeyPairSync('x25519').privateKey;
    const forged = await makeRecovery(planted, { holders: [raw(own, 'x'), raw(own, 'x')], threshold: 1 });
    const fromHost = await sealRecoveryShare(forged, raw(own, 'd'), { evidence: request, ...trust() });
    await refused(() => enclave.keyring.recover(forged, [fromHost]));
    // One holder in league with the host is not two, though the document says that one is enough.
    await refused(async () => enclave.keyring.recover(document, [await share(0, request, document)]));
  });
});

describe('a holder', () => {
  it('gives no share to an enclave that the policy does not name, or for evidence of another purpose', async () => {
    const request = await enclave.keyring.requestRecovery();
    const key = holders[0]?.privateKey ?? new Uint8Array();
    const options = { evidence: request, ...trust('00'.repeat(32)) };
    await refused(() => sealRecoveryShare(backup.document, key, options));
    const strict = { evidence: request, ...trust(), policy: { mrEnclave: [enclave.mrEnclave] } };
    await refused(() => sealRecoveryShare(backup.document, key, strict));
    await refused(() => share(0, backup.evidence));
    const stranger = generateKeyPairSync('x25519').privateKey;
    await refused(() => sealRecoveryShare(backup.document, raw(stranger, 'd'), { evidence: request, ...trust() }));
  });

  it('is named by the image, or there is no backup and no recovery', async () => {
    const none = await startEnclave(spare.platform, signKey, { blobs: new EvilBlobs() });
    await refused(() => none.keyring.backUp());
    await refused(() => none.keyring.requestRecovery());
    await refused(() => none.keyring.recover(backup.document, []));
    await none.stop();
  });
});
